//! Running counts: how many of the transactions of a day stand how, by what the list filters on.
//!
//! A transaction is counted once, where it stands. A new version of it that stands elsewhere takes one away there and adds one
//! here, so counts stay those of the records as totals do.

use std::collections::BTreeMap;

use crate::id::{MerchantId, ProviderId};
use crate::time::Day;
use crate::transaction::Transaction;
use crate::vocabulary::{Method, Status};

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountsKey {
    pub merchant_id: MerchantId,
    /// The partition of the merchant's lists that the transactions are in; counts are spread the same way.
    pub shard: u16,
    /// The business day on which they were created.
    pub day: Day,
    /// Who carries the payments, if known.
    pub provider: Option<ProviderId>,
    /// How they are paid.
    pub method: Method,
}

/// Counts by what is counted together and how it stands; none of them is zero.
pub type Counts = BTreeMap<CountsKey, BTreeMap<Status, i64>>;

/// Where a transaction is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub key: CountsKey,
    pub status: Status,
}

impl Standing {
    /// Where this one is.
    #[must_use]
    pub fn of(transaction: &Transaction) -> Self {
        let key = CountsKey {
            merchant_id: transaction.merchant_id.clone(),
            shard: transaction.shard,
            day: transaction.zone.day_of(transaction.created_at),
            provider: transaction.provider.as_ref().map(|provider| provider.id.clone()),
            method: transaction.method,
        };
        Self { key, status: transaction.status() }
    }
}

/// Adds to a count, or takes away from it.
pub fn count(counts: &mut Counts, standing: &Standing, by: i64) {
    let own = counts.entry(standing.key.clone()).or_default();
    let sum = own.get(&standing.status).copied().unwrap_or_default().saturating_add(by);
    if sum == 0 {
        own.remove(&standing.status);
    } else {
        own.insert(standing.status, sum);
    }
    counts.retain(|_, own| !own.is_empty());
}

/// How the transactions stand.
#[must_use]
pub fn counts_of<'a>(transactions: impl IntoIterator<Item = &'a Transaction>) -> Counts {
    let mut counts = Counts::new();
    for transaction in transactions {
        count(&mut counts, &Standing::of(transaction), 1);
    }
    counts
}
