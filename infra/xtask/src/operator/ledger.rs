//! The ledger as a file, oldest movement last, for reconciliation by hand.

use std::io::Write;

use paywarden_domain::id::MerchantId;
use paywarden_domain::ledger::{EntryType, LedgerRow, Movement};
use paywarden_domain::time::Day;
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};

use crate::operator::Operator;

const COLUMNS: [&str; 10] = [
    "transaction_id",
    "reference",
    "provider_transaction_id",
    "payment_reference",
    "kind",
    "direction",
    "amount",
    "currency",
    "occurred_at",
    "status",
];

/// Rows read at a time.
const PAGE: usize = 1_000;

/// Writes every movement of these days.
pub async fn export(
    operator: &Operator,
    merchant: &MerchantId,
    (from, until): (Day, Day),
    filters: &LedgerFilters,
    output: impl Write,
) -> anyhow::Result<()> {
    let shard_count = operator.merchant(merchant).await?.shard_count;
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(COLUMNS)?;
    let mut after = None;
    loop {
        let query =
            LedgerQuery { merchant, shard_count, from, until, filters, limit: PAGE, after: after.as_deref() };
        let page = operator.ledger.list(&query).await?;
        for (row, movement) in &page.lines {
            writer.write_record(record(row, movement))?;
        }
        after = page.next;
        if after.is_none() {
            writer.flush()?;
            return Ok(());
        }
    }
}

fn record(row: &LedgerRow, movement: &Movement) -> [String; 10] {
    // Statements know transfers, fees and taxes; what went back is a transfer the other way.
    let kind = match movement.entry_type {
        EntryType::Refund => EntryType::Transfer,
        other => other,
    };
    [
        row.transaction_id.to_string(),
        row.reference.clone(),
        row.provider_transaction_id.clone().unwrap_or_default(),
        row.payment_reference.clone().unwrap_or_default(),
        kind.to_string(),
        movement.side.to_string(),
        movement.amount.to_string(),
        row.currency.to_string(),
        movement.at.to_string(),
        row.status_of(movement).to_string(),
    ]
}
