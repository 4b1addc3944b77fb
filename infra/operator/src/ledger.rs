//! The ledger as a file, oldest movement last, for reconciliation by hand, which reads back what is made harmless here.

use std::io::Write;

use paywarden_domain::id::MerchantId;
use paywarden_domain::reconciliation::{BookSide, RowFields};
use paywarden_domain::spreadsheet::harmless_bytes;
use paywarden_domain::time::Day;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};

use crate::stage::Stage;

/// Rows read at a time.
const PAGE: usize = 1_000;

/// Writes every movement of these days.
pub async fn export(
    stage: &Stage,
    merchant: &MerchantId,
    (from, until): (Day, Day),
    filters: &LedgerFilters,
    output: impl Write,
) -> anyhow::Result<()> {
    let shard_count = stage.merchant(merchant).await?.shard_count;
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(BookSide::Ledger.header())?;
    let mut after = None;
    loop {
        let query =
            LedgerQuery { merchant, shard_count, from, until, filters, limit: PAGE, after: after.as_deref() };
        let page = stage.ledger.list(&query).await?;
        for (row, movement) in &page.lines {
            let values = row.reconciliation_values(movement);
            // Whoever reads the file back has one id to compare.
            let fields = RowFields {
                provider_transaction_id: row.id_on_statements(),
                ..RowFields::of_texts(values.each_ref().map(String::as_str))
            };
            let cells = BookSide::Ledger.to_line(fields);
            writer.write_record(cells.map(|cell| harmless_bytes(cell.as_bytes())))?;
        }
        after = page.next;
        if after.is_none() {
            writer.flush()?;
            return Ok(());
        }
    }
}
