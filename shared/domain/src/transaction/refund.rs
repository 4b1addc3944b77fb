//! Refunds: a part of the money goes back, and the status stays until all of it did. They merge as a set, and what they
//! come to is read off the set.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
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
    /// Refunds kept per record. A report of more is held.
    pub const LIMIT: usize = 200;

    /// Whether these can be kept beside those that are there.
    #[must_use]
    pub fn has_room_for(&self, refunds: &[Refund]) -> bool {
        let fresh = refunds.iter().filter(|refund| !self.0.contains_key(&refund.id)).count();
        self.0.len().saturating_add(fresh) <= Self::LIMIT
    }

    /// Those that can have gone back of `money`, and those that cannot: in the order of their time, whatever would make more
    /// go back than came, or is of another currency, stands apart for a person to decide.
    #[must_use]
    pub fn of(&self, money: Money) -> (Vec<&Refund>, Vec<&Refund>) {
        let mut in_order: Vec<&Refund> = self.0.values().collect();
        in_order.sort_by_key(|refund| (refund.at, &refund.id));
        let mut left = money.amount();
        in_order.into_iter().partition(|refund| {
            let rest = left.checked_sub(refund.money.amount()).filter(|rest| !rest.is_sign_negative());
            let fits = rest.filter(|_| refund.money.currency() == money.currency());
            left = fits.unwrap_or(left);
            fits.is_some()
        })
    }

    /// Adds refunds; of two that claim one id the lesser stands, whatever the order they came in.
    pub fn merge(&mut self, refunds: &[Refund]) {
        for refund in refunds {
            let kept = self.0.entry(refund.id.clone()).or_insert_with(|| refund.clone());
            if *refund < *kept {
                *kept = refund.clone();
            }
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

/// When the last of `money` went back with these, if all of it did. Nothing asks what came first.
pub(crate) fn completed_at(mut refunds: Vec<&Refund>, money: Money) -> Option<Timestamp> {
    refunds.sort_by_key(|refund| (refund.at, &refund.id));
    let mut left = money.amount();
    refunds.into_iter().find_map(|refund| {
        left = left.checked_sub(refund.money.amount())?;
        (left <= Decimal::ZERO).then_some(refund.at)
    })
}
