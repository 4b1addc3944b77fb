//! Running totals: debits, credits, what of them are fees and taxes, and entries, by day and by what the finance view filters on.
//!
//! A transaction's contribution is a pure function of the record, so the change that a new version makes is the
//! difference of two contributions. The differences of all versions add up to the contribution of the last one, which
//! is how totals stay equal to the sum of their transactions.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::id::{MerchantId, ProviderId};
use crate::ledger::{self, EntryType, Side};
use crate::money::Currency;
use crate::time::Day;
use crate::transaction::Transaction;
use crate::vocabulary::{Method, Status};

/// What a sum is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotalsKey {
    pub merchant_id: MerchantId,
    /// The partition of the merchant's lists that the transactions are in; sums are spread the same way.
    pub shard: u16,
    pub day: Day,
    pub currency: Currency,
    /// Who carried the payments, if known.
    pub provider: Option<ProviderId>,
    /// How they were paid.
    pub method: Method,
    pub status: Status,
}

/// Sums, or changes of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Money that went out.
    pub debit: Decimal,
    /// Money that came in.
    pub credit: Decimal,
    /// What of both is fees: those that were taken less those that came back. Below zero on a day on which more came back.
    pub fee: Decimal,
    /// The same of taxes on fees.
    pub tax: Decimal,
    pub count: i64,
}

impl Sums {
    /// Of one entry.
    #[must_use]
    pub fn of(entry_type: EntryType, side: Side, amount: Decimal) -> Self {
        let (debit, credit) = match side {
            Side::Debit => (amount, Decimal::ZERO),
            Side::Credit => (Decimal::ZERO, amount),
        };
        // What costs stands on the debit side, and on the other one when it comes back.
        let taken = if side == Side::Debit { amount } else { -amount };
        let (fee, tax) = match entry_type {
            EntryType::Fee => (taken, Decimal::ZERO),
            EntryType::Tax => (Decimal::ZERO, taken),
            EntryType::Transfer | EntryType::Refund | EntryType::Correction => Default::default(),
        };
        Self { debit, credit, fee, tax, count: 1 }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        let amounts = [self.debit, self.credit, self.fee, self.tax];
        amounts.iter().all(Decimal::is_zero) && self.count == 0
    }

    /// Adds another one. Amounts are below 10^15 and a decimal holds 28 digits, so only a corrupt record overflows; the
    /// sum then stays as it is, and the comparison with the transactions shows it.
    pub fn add(&mut self, other: &Self) {
        let plus = |own: Decimal, more| own.checked_add(more).unwrap_or(own);
        self.debit = plus(self.debit, other.debit);
        self.credit = plus(self.credit, other.credit);
        self.fee = plus(self.fee, other.fee);
        self.tax = plus(self.tax, other.tax);
        self.count = self.count.saturating_add(other.count);
    }

    fn negated(self) -> Self {
        Self {
            debit: -self.debit,
            credit: -self.credit,
            fee: -self.fee,
            tax: -self.tax,
            count: self.count.saturating_neg(),
        }
    }
}

/// Sums by what they are of.
pub type Totals = BTreeMap<TotalsKey, Sums>;

/// What a transaction adds to its merchant's totals.
#[must_use]
pub fn contribution(transaction: &Transaction) -> Totals {
    let mut totals = Totals::new();
    for entry in ledger::entries(transaction) {
        let key = TotalsKey {
            merchant_id: transaction.merchant_id.clone(),
            shard: transaction.shard,
            day: entry.day,
            currency: entry.currency,
            provider: transaction.provider.as_ref().map(|provider| provider.id.clone()),
            method: transaction.method,
            status: transaction.status(),
        };
        totals.entry(key).or_default().add(&Sums::of(entry.entry_type, entry.side, entry.amount));
    }
    totals
}

/// What the change from some sums to others adds.
#[must_use]
pub fn difference(before: &Totals, after: &Totals) -> Totals {
    let mut totals = after.clone();
    for (key, sums) in before {
        totals.entry(key.clone()).or_default().add(&sums.negated());
    }
    totals.retain(|_, sums| !sums.is_zero());
    totals
}

/// Adds sums to sums.
pub fn merge(totals: &mut Totals, more: Totals) {
    for (key, sums) in more {
        totals.entry(key).or_default().add(&sums);
    }
    totals.retain(|_, sums| !sums.is_zero());
}
