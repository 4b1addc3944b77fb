//! The state machine: what a set of reports adds up to.
//!
//! Providers deliver late, twice and out of order. So nothing here is a transition: a record keeps, per status, the
//! earliest and the latest time at which a provider reported it, and the status is read off that map. The order in
//! which reports arrive can't matter, because the map doesn't know it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::vocabulary::{Method, Status, words};

words! {
    /// What can be reported of a payment: each status, and what is a status only together with others.
    pub enum Mark {
        /// As the status.
        Pending = "PENDING",
        /// As the status.
        Processing = "PROCESSING",
        /// As the status.
        Paid = "PAID",
        /// As the status.
        Completed = "COMPLETED",
        /// As the status.
        Expired = "EXPIRED",
        /// As the status.
        Failed = "FAILED",
        /// As the status.
        Reversed = "REVERSED",
        /// Our clock ran out on it, which no provider told.
        TimedOut = "TIMED_OUT",
        /// As the success, of another amount than was ordered, which a person accepted.
        Accepted = "ACCEPTED",
        /// Called off: what was taken went back, what was not taken never is.
        Voided = "VOIDED",
    }
}

impl From<Status> for Mark {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Processing => Self::Processing,
            Status::Paid => Self::Paid,
            Status::Completed => Self::Completed,
            Status::Expired => Self::Expired,
            Status::Failed => Self::Failed,
            Status::Reversed => Self::Reversed,
        }
    }
}

/// What says that money moved.
const SUCCESSES: [Mark; 3] = [Mark::Paid, Mark::Completed, Mark::Accepted];

/// The earliest and the latest provider time of one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub first: Timestamp,
    pub last: Timestamp,
    /// Whether no report told a time: these are the times of the first receipt, which say nothing of what came before what.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub untimed: bool,
}

impl Seen {
    /// Both together. A time that was told counts before one of receipt, and of those only the first: the same message
    /// comes again later.
    fn merged(self, other: Self) -> Self {
        match (self.untimed, other.untimed) {
            (true, false) => other,
            (false, true) => self,
            (false, false) => {
                Self { first: self.first.min(other.first), last: self.last.max(other.last), untimed: false }
            }
            (true, true) => {
                let first = self.first.min(other.first);
                Self { first, last: first, untimed: true }
            }
        }
    }
}

/// When each mark was reported.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusReports(BTreeMap<Mark, Seen>);

impl StatusReports {
    /// Adds a report. Adding one again changes nothing.
    pub fn add(&mut self, mark: impl Into<Mark>, at: Timestamp) {
        self.see(mark.into(), Seen { first: at, last: at, untimed: false });
    }

    /// Adds a report that tells no time and came at this one.
    pub fn add_untimed(&mut self, mark: impl Into<Mark>, received_at: Timestamp) {
        self.see(mark.into(), Seen { first: received_at, last: received_at, untimed: true });
    }

    fn see(&mut self, mark: Mark, seen: Seen) {
        let merged = self.0.get(&mark).map_or(seen, |before| before.merged(seen));
        self.0.insert(mark, merged);
    }

    /// Adds another's reports.
    pub fn merge(&mut self, other: &Self) {
        for (mark, seen) in &other.0 {
            self.see(*mark, *seen);
        }
    }

    /// Forgets that our clock ran out on it.
    pub fn forget_time_out(&mut self) {
        self.0.remove(&Mark::TimedOut);
    }

    /// Whether no provider told anything.
    #[must_use]
    pub fn is_untold(&self) -> bool {
        self.0.keys().all(|mark| *mark == Mark::TimedOut)
    }

    /// When the status that they add up to was last told.
    #[must_use]
    pub fn told_at(&self, method: Method) -> Option<Timestamp> {
        let status = self.status(method);
        let otherwise = match status {
            Status::Expired => self.last(Mark::TimedOut),
            Status::Failed | Status::Reversed => self.last(Mark::Voided).or(self.last(Status::Failed)),
            Status::Paid | Status::Completed => return self.last(status).max(self.last(Mark::Accepted)),
            Status::Pending | Status::Processing => None,
        };
        self.last(status).or(otherwise)
    }

    /// When it was first reported.
    #[must_use]
    pub fn first(&self, mark: impl Into<Mark>) -> Option<Timestamp> {
        self.0.get(&mark.into()).map(|seen| seen.first)
    }

    /// When it was last reported.
    #[must_use]
    pub fn last(&self, mark: impl Into<Mark>) -> Option<Timestamp> {
        self.0.get(&mark.into()).map(|seen| seen.last)
    }

    /// The earliest success.
    #[must_use]
    pub fn charged_at(&self) -> Option<Timestamp> {
        SUCCESSES.into_iter().filter_map(|mark| self.first(mark)).min()
    }

    /// Whether a success was reported of what was ordered.
    #[must_use]
    pub fn charged_as_ordered(&self) -> bool {
        self.first(Status::Paid).or(self.first(Status::Completed)).is_some()
    }

    /// When a success was undone: the first reversal, else when it was called off, else the failure that came after it.
    #[must_use]
    pub fn reversed_at(&self, method: Method) -> Option<Timestamp> {
        let charged = self.charged_at()?;
        if let Some(undone) = self.first(Status::Reversed).or(self.first(Mark::Voided)) {
            return Some(undone);
        }
        let failed_later = self.first(Status::Failed).filter(|failed| *failed > charged);
        failed_later.or(self.last(Status::Failed)).filter(|_| self.was_undone(method))
    }

    /// What the reports add up to, refunds aside: those are a set of their own, see
    /// [`Transaction::status`](crate::transaction::Transaction::status). The first rule that fits decides:
    ///
    /// | seen | status | so that |
    /// |---|---|---|
    /// | REVERSED | REVERSED | an undone payment stays undone |
    /// | a success, and VOIDED | REVERSED | what was called off after it was taken went back |
    /// | a success, and FAILED reported for a later time, where success can be undone | REVERSED | a debit order that comes back unpaid, a returned payout |
    /// | PAID or COMPLETED, or another amount that was accepted | that | money moved: a late payment beats an expiry, and an earlier failure |
    /// | FAILED or VOIDED | FAILED | a refusal beats running out of time |
    /// | EXPIRED, or our clock ran out | EXPIRED | |
    /// | PROCESSING | PROCESSING | |
    /// | PENDING | PENDING | |
    /// | nothing | the method's first status | |
    #[must_use]
    pub fn status(&self, method: Method) -> Status {
        let seen = |status| self.0.contains_key(&Mark::from(status));
        let is_voided = self.0.contains_key(&Mark::Voided);
        if seen(Status::Reversed) {
            return Status::Reversed;
        }
        let told = [Status::Paid, Status::Completed].into_iter().find(|status| seen(*status));
        let accepted = self.0.get(&Mark::Accepted).map(|_| method.success_status());
        if let Some(success) = told.or(accepted) {
            return if is_voided || self.was_undone(method) { Status::Reversed } else { success };
        }
        if is_voided {
            return Status::Failed;
        }
        let is_timed_out = self.0.contains_key(&Mark::TimedOut);
        [Status::Failed, Status::Expired, Status::Processing, Status::Pending]
            .into_iter()
            .find(|status| seen(*status) || (*status == Status::Expired && is_timed_out))
            .unwrap_or(method.initial_status())
    }

    /// Whether a failure was reported for a time after the success, of a method whose success can be undone. The time at
    /// which a message came orders nothing: the same failure is delivered again after the success.
    fn was_undone(&self, method: Method) -> bool {
        let failed = self.0.get(&Mark::Failed).filter(|failed| !failed.untimed);
        match (self.charged_at(), failed) {
            (Some(success), Some(failed)) => method.success_can_be_undone() && failed.last > success,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn reports(list: &[(Status, i64)]) -> StatusReports {
        let mut reports = StatusReports::default();
        for (status, seconds) in list {
            reports.add(*status, Timestamp::from_seconds(*seconds).unwrap());
        }
        reports
    }

    #[test]
    fn the_table_a_payments_person_reads() {
        use Method::{BankTransfer, CreditCard, DebiCheck, Qris, VirtualAccount};
        use Status::{Completed, Expired, Failed, Paid, Pending, Processing, Reversed};
        type Case<'a> = (&'a str, Method, &'a [(Status, i64)], Status);
        let cases: &[Case<'_>] = &[
            ("nothing heard of a QR", Qris, &[], Pending),
            ("nothing heard of a payout", BankTransfer, &[], Processing),
            ("paid", Qris, &[(Pending, 1), (Paid, 2)], Paid),
            ("a late pending changes nothing", Qris, &[(Paid, 2), (Pending, 3)], Paid),
            ("a late payment beats an expiry", VirtualAccount, &[(Expired, 5), (Paid, 6)], Paid),
            ("an expiry after payment changes nothing", VirtualAccount, &[(Paid, 5), (Expired, 6)], Paid),
            ("a card refused, then accepted", CreditCard, &[(Failed, 1), (Paid, 2)], Paid),
            ("a late refusal does not undo a card", CreditCard, &[(Paid, 1), (Failed, 2)], Paid),
            ("unpaid days after paid", DebiCheck, &[(Paid, 1), (Failed, 90)], Reversed),
            ("unpaid first, then represented and paid", DebiCheck, &[(Failed, 1), (Paid, 90)], Paid),
            ("a payout that came back", BankTransfer, &[(Completed, 1), (Reversed, 2)], Reversed),
            ("a returned payout reported as failed", BankTransfer, &[(Completed, 1), (Failed, 2)], Reversed),
            ("a reversal is heard before the success", BankTransfer, &[(Reversed, 2)], Reversed),
            ("failed beats expired", Qris, &[(Expired, 9), (Failed, 1)], Failed),
            ("processing beats pending", Qris, &[(Processing, 1), (Pending, 2)], Processing),
        ];
        for (name, method, list, expected) in cases {
            assert_eq!(reports(list).status(*method), *expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn order_and_duplication_do_not_matter(
            list in prop::collection::vec((select(Status::ALL), 0_i64..50), 0..12),
            shuffled in Just(()).prop_perturb(|(), rng| rng),
            method in select(Method::ALL),
        ) {
            let mut rng = shuffled;
            let mut doubled = [list.clone(), list.clone()].concat();
            for index in (1..doubled.len()).rev() {
                doubled.swap(index, rng.random_range(0..=index));
            }
            prop_assert_eq!(reports(&doubled), reports(&list));
            prop_assert_eq!(reports(&doubled).status(method), reports(&list).status(method));
        }
    }
}
