//! The endpoint.

use paywarden_domain::finance_row::FinanceRow;
use paywarden_domain::merchant::Merchant;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::csv::{self, Table};
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::ledger::{LedgerPage, LedgerQuery};
use serde_json::json;

use crate::filters::{self, Asked};
use crate::totals;
use paywarden_lambda_kit::caller::Caller;

use crate::deps::Deps;

/// Rows of one CSV answer when the caller sets no limit.
const MAX_ROWS: usize = 5_000;

/// Bytes behind which nothing more is read for a table. Lambda's answers hold six megabytes.
const ENOUGH_BYTES: usize = 4_000_000;

/// Times the ledger is asked for one table.
const MAX_READS: usize = 10;

/// Answers the totals of all that is asked for and a page of the rows; as CSV, the rows alone.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, filters::PARAMETERS)?;
    let limit = usize::from(query.limit()?);
    let merchant = deps.merchants.get(&caller.merchant_id).await?;
    let asked = filters::read(&query, &merchant.zone, deps.clock.now())?;
    let binding = binding(&merchant, &asked);
    let after = deps.cursors.position(&query, &binding).await?;
    if csv::is_wanted(&request.headers) {
        if asked.group_by.is_some() {
            return Err(Problem::invalid(
                "group_by",
                "expected with JSON only: a table has rows and no sums",
            ));
        }
        let bound = query.single("limit")?.map_or(MAX_ROWS, |_| limit);
        let (table, next) = table(deps, &merchant, &asked, bound, after).await?;
        return table.into_answer(deps.cursors.next(&binding, next.as_deref()).await?.as_deref());
    }
    let sums = deps.totals.list(&merchant.id, merchant.shard_count, asked.from, asked.until).await?;
    let page = read(deps, &merchant, &asked, limit, after.as_deref()).await?;
    let lines = page.lines.iter();
    let groups = asked.group_by.map(|group_by| totals::by_group(&sums, &asked.filters, group_by));
    let rows: Vec<_> = lines.map(|(row, movement)| FinanceRow::new(row, movement, &merchant.zone)).collect();
    Answer::ok(&json!({
        "status": true,
        "start_date": asked.from,
        "end_date": asked.until,
        "time_zone": merchant.zone.name(),
        "totals": totals::by_currency(&sums, &asked.filters),
        "days": totals::by_day(&sums, &asked.filters),
        "groups": groups,
        "rows": rows,
        "next_cursor": deps.cursors.next(&binding, page.next.as_deref()).await?,
    }))
}

/// The rows as a table, read in several goes, and the position behind its last row if there may be more.
async fn table(
    deps: &Deps,
    merchant: &Merchant,
    asked: &Asked,
    bound: usize,
    mut after: Option<String>,
) -> Result<(Table, Option<String>), Problem> {
    let mut table = Table::new(FinanceRow::MEMBERS)?;
    for _ in 0..MAX_READS {
        let room = bound.saturating_sub(table.rows());
        let page = read(deps, merchant, asked, room, after.as_deref()).await?;
        for (row, movement) in &page.lines {
            table.push(&FinanceRow::new(row, movement, &merchant.zone))?;
        }
        after = page.next;
        if after.is_none() || table.rows() >= bound || table.bytes() >= ENOUGH_BYTES {
            break;
        }
    }
    Ok((table, after))
}

async fn read(
    deps: &Deps,
    merchant: &Merchant,
    asked: &Asked,
    limit: usize,
    after: Option<&str>,
) -> Result<LedgerPage, StoreError> {
    let query = LedgerQuery {
        merchant: &merchant.id,
        shard_count: merchant.shard_count,
        from: asked.from,
        until: asked.until,
        filters: &asked.filters,
        limit,
        after,
    };
    deps.ledger.list(&query).await
}

/// What ties a cursor to its list.
fn binding(merchant: &Merchant, asked: &Asked) -> Listing {
    Listing::new("list-ledger-entries/1", &merchant.id)
        .with("start_date", &asked.from)
        .with("end_date", &asked.until)
        .with("provider_id", &asked.filters.providers)
        .with("method", &asked.filters.methods)
        .with("status", &asked.filters.statuses)
}

#[cfg(test)]
mod tests;
