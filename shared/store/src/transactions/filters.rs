//! What a list is asked for.

use std::collections::BTreeSet;

use paywarden_domain::id::ProviderId;
use paywarden_domain::merchant::StuckLimits;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::vocabulary::{Direction, Method, Status};
use rust_decimal::Decimal;

/// From the first moment to the one behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The first moment, if it is bounded.
    pub from: Option<Timestamp>,
    /// The moment behind the last, if it is bounded.
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Whether it bounds anything.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }

    /// Whether `moment` is in it; no moment is only in an unbounded one.
    #[must_use]
    pub fn contains(&self, moment: Option<Timestamp>) -> bool {
        match moment {
            Some(moment) => {
                self.from.is_none_or(|from| moment >= from) && self.until.is_none_or(|until| moment < until)
            }
            None => !self.is_bounded(),
        }
    }
}

/// From the least amount through the greatest, as numbers: amounts of several currencies are compared as if they were one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AmountRange {
    /// The least amount, if it is bounded.
    pub min: Option<Decimal>,
    /// The greatest amount, if it is bounded.
    pub max: Option<Decimal>,
}

impl AmountRange {
    /// Whether `amount` is in it.
    #[must_use]
    pub fn contains(&self, amount: Decimal) -> bool {
        self.min.is_none_or(|min| amount >= min) && self.max.is_none_or(|max| amount <= max)
    }
}

/// What a list is asked for. Empty sets and unbounded ranges ask for everything; all filters hold at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    /// Any of these statuses.
    pub statuses: BTreeSet<Status>,
    /// Any of these methods.
    pub methods: BTreeSet<Method>,
    /// Any of these providers.
    pub providers: BTreeSet<ProviderId>,
    pub direction: Option<Direction>,
    /// References that begin so.
    pub reference_prefix: Option<String>,
    /// Open longer than their method normally is, by these limits.
    pub stuck: Option<StuckLimits>,
    /// Whether something waits for a person.
    pub held: Option<bool>,
    /// Of this amount, as the record shows it.
    pub amount: AmountRange,
    /// Of exactly this customer.
    pub customers_id: Option<String>,
    /// To or from exactly this destination, as the record shows it.
    pub destination: Option<String>,
    /// Created in this range.
    pub created: TimeRange,
    /// Charged in this range.
    pub charged: TimeRange,
    /// Status changed in this range.
    pub status_changed: TimeRange,
}

impl Filters {
    /// Whether a record is asked for at `now`.
    #[must_use]
    pub fn matches(&self, transaction: &Transaction, now: Timestamp) -> bool {
        let provider = transaction.provider.as_ref().map(|provider| &provider.id);
        (self.statuses.is_empty() || self.statuses.contains(&transaction.status()))
            && (self.methods.is_empty() || self.methods.contains(&transaction.method))
            && (self.providers.is_empty() || provider.is_some_and(|id| self.providers.contains(id)))
            && self.direction.is_none_or(|direction| direction == transaction.direction())
            && self.reference_prefix.as_ref().is_none_or(|prefix| transaction.reference.starts_with(prefix))
            && self.stuck.as_ref().is_none_or(|limits| transaction.is_stuck(limits, now))
            && self.held.is_none_or(|held| held == transaction.is_held())
            && self.amount.contains(transaction.settled().amount())
            && is_or_any(self.customers_id.as_ref(), transaction.merchant_fields.customers_id.as_ref())
            && is_or_any(self.destination.as_ref(), transaction.destination().as_ref())
            && self.created.contains(Some(transaction.created_at))
            && self.charged.contains(transaction.charged_at())
            && self.status_changed.contains(Some(transaction.status_changed_at))
    }

    /// The statuses that can match: those asked for, of these only open ones when it is about stuck payments.
    pub(super) fn possible_statuses(&self) -> Vec<Status> {
        let asked = |status: &&Status| self.statuses.is_empty() || self.statuses.contains(status);
        let possible = |status: &&Status| self.stuck.is_none() || status.is_open();
        Status::ALL.iter().filter(asked).filter(possible).copied().collect()
    }

    /// The directions that can match: the one asked for, of these only those of the methods asked for.
    pub(super) fn possible_directions(&self) -> Vec<Direction> {
        let asked = |direction: &&Direction| self.direction.is_none_or(|asked| asked == **direction);
        let possible = |direction: &&Direction| {
            self.methods.is_empty() || self.methods.iter().any(|method| method.direction() == **direction)
        };
        Direction::ALL.iter().filter(asked).filter(possible).copied().collect()
    }
}

fn is_or_any<T: PartialEq>(asked: Option<&T>, value: Option<&T>) -> bool {
    asked.is_none() || asked == value
}
