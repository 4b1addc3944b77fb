//! The list as a table for spreadsheets: page after page into one answer, up to a bound that an answer can carry.

use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::csv::Table;
use paywarden_lambda_kit::problem::Problem;

use crate::deps::Deps;
use crate::filters::Asked;
use crate::handler::read;

/// Rows of one answer when the caller sets no limit.
pub const MAX_ROWS: usize = 5_000;

/// Bytes behind which no further page is read. Lambda's answers hold six megabytes, and a page is less than two.
const ENOUGH_BYTES: usize = 4_000_000;

/// Rows read at a time.
const PAGE: usize = 250;

/// The table, and the position behind its last row if there may be more.
pub async fn table(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    bound: usize,
    mut after: Option<String>,
) -> Result<(Table, Option<String>), Problem> {
    let mut table = Table::new(TransactionRecord::MEMBERS)?;
    loop {
        let room = bound.saturating_sub(table.rows()).min(PAGE);
        let page = read(deps, caller, asked, room, after).await?;
        for transaction in &page.transactions {
            table.push(&TransactionRecord::new(transaction, &caller.zone))?;
        }
        after = page.next;
        let enough = table.rows() >= bound || table.bytes() >= ENOUGH_BYTES;
        // A page that came back short has read as much as one request may.
        if after.is_none() || enough || page.transactions.len() < room {
            return Ok((table, after));
        }
    }
}
