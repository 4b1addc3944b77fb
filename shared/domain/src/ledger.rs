//! Ledger entries: the money that a transaction moved, as debits and credits on business days.
//!
//! Open and failed transactions move no money and have no entries. A success moves the amount, and costs the fee and
//! the VAT on it, on the day it was charged; a reversal moves all of it back on the day that was reported; a partial
//! refund moves its part. The sum of a transaction's entries is what its provider should settle.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
use crate::time::{Day, Timestamp};
use crate::transaction::Transaction;
use crate::vocabulary::{Direction, words};

words! {
    /// What an entry stands for.
    pub enum EntryType {
        /// The amount itself.
        Transfer = "Transfer",
        /// The provider's fee.
        Fee = "Fee",
        /// The tax on the fee.
        Tax = "Tax",
        /// A part that went back.
        Refund = "Refund",
    }
}

words! {
    /// Which side an entry stands on, seen from the merchant.
    pub enum Side {
        /// Money goes out.
        Debit = "debit",
        /// Money comes in.
        Credit = "credit",
    }
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What it stands for.
    pub entry_type: EntryType,
    /// Out or in.
    pub side: Side,
    /// How much, never negative.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// When.
    pub at: Timestamp,
    /// The business day that is on the merchant's clocks.
    pub day: Day,
}

/// The entries of a transaction as it is.
#[must_use]
pub fn entries(transaction: &Transaction) -> Vec<LedgerEntry> {
    let Some(charged_at) = transaction.charged_at() else {
        return Vec::new();
    };
    let side = match transaction.direction() {
        Direction::Receive => Side::Credit,
        Direction::Send => Side::Debit,
    };
    let entry = |entry_type, side, amount, at| LedgerEntry {
        entry_type,
        side,
        amount,
        currency: transaction.money.currency(),
        at,
        day: transaction.zone.day_of(at),
    };
    let mut entries = vec![entry(EntryType::Transfer, side, transaction.money.amount(), charged_at)];
    let charges = transaction.charges.iter();
    let charges = charges.flat_map(|one| [(EntryType::Fee, one.fee), (EntryType::Tax, one.tax)]);
    let charges = charges.filter(|(_, amount)| !amount.is_zero());
    entries.extend(charges.map(|(entry_type, amount)| entry(entry_type, Side::Debit, amount, charged_at)));
    let refunds = transaction.refunds.iter();
    let refunds = refunds.filter(|refund| refund.money.currency() == transaction.money.currency());
    entries.extend(
        refunds.map(|refund| entry(EntryType::Refund, side.opposite(), refund.money.amount(), refund.at)),
    );
    if let Some(reversed_at) = transaction.reversed_at() {
        // All of it moves back; what was refunded before has gone back already.
        let contra: Vec<_> = entries
            .iter()
            .map(|moved| entry(moved.entry_type, moved.side.opposite(), moved.amount, reversed_at))
            .collect();
        entries.extend(contra);
    }
    entries
}
