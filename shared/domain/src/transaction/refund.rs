//! Partial refunds: a part of the money goes back, the status stays. They merge as a set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::time::Timestamp;

/// One refund, by the id its provider gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refund {
    /// The provider's id of the refund.
    pub id: String,
    /// When, as the provider tells it.
    pub at: Timestamp,
    /// How much went back.
    pub money: Money,
}

/// The refunds of a transaction, one by id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refunds(BTreeMap<String, Refund>);

impl Refunds {
    /// Refunds kept per record. More than that under one payment is a mistake of somebody's; the timeline has them all.
    pub const LIMIT: usize = 50;

    /// Adds refunds; of two that claim one id the lesser stands, whatever the order they came in.
    pub fn merge(&mut self, refunds: &[Refund]) {
        for refund in refunds {
            let kept = self.0.entry(refund.id.clone()).or_insert_with(|| refund.clone());
            if *refund < *kept {
                *kept = refund.clone();
            }
        }
        while self.0.len() > Self::LIMIT {
            self.0.pop_last();
        }
    }

    /// The refunds, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Refund> {
        self.0.values()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
