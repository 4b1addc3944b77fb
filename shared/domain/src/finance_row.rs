//! One movement of money as finance sees it: in lists, and in files.

use crate::ledger::{LedgerRow, Movement};
use crate::money::amount_number;
use crate::time::{Timestamp, Zone};
use serde::Serialize;
use serde_json::Number;

/// A row of the finance view. Times are `YYYY-MM-DD HH:mm:ss` on the merchant's clocks.
#[derive(Serialize)]
pub struct FinanceRow {
    transaction_id: String,
    order_id: String,
    provider_name: Option<String>,
    method: &'static str,
    status: &'static str,
    created_at: String,
    updated_at: Option<String>,
    paid_at: Option<String>,
    expired_at: Option<String>,
    transaction_type: &'static str,
    direction: &'static str,
    amount: Number,
    currency: String,
    provider_id: Option<String>,
    date: String,
    moved_at: String,
}

impl FinanceRow {
    /// The members' names, in order: the columns of the CSV.
    pub const MEMBERS: &'static [&'static str] = &[
        "transaction_id",
        "order_id",
        "provider_name",
        "method",
        "status",
        "created_at",
        "updated_at",
        "paid_at",
        "expired_at",
        "transaction_type",
        "direction",
        "amount",
        "currency",
        "provider_id",
        "date",
        "moved_at",
    ];

    /// Writes a movement for a merchant in `zone`.
    #[must_use]
    pub fn new(row: &LedgerRow, movement: &Movement, zone: &Zone) -> Self {
        let clock = |moment: Timestamp| zone.clock_text(moment);
        Self {
            transaction_id: row.transaction_id.to_string(),
            order_id: row.reference.clone(),
            provider_name: row.provider.as_ref().map(|provider| provider.name.clone()),
            method: row.method.as_str(),
            status: row.status.as_str(),
            created_at: clock(row.created_at),
            updated_at: row.updated_at.map(clock),
            paid_at: row.paid_at.map(clock),
            expired_at: row.expired_at.map(clock),
            transaction_type: movement.entry_type.as_str(),
            direction: movement.side.as_str(),
            amount: amount_number(movement.amount),
            currency: row.currency.to_string(),
            provider_id: row.provider.as_ref().map(|provider| provider.id.to_string()),
            date: row.day.to_string(),
            moved_at: clock(movement.at),
        }
    }
}
