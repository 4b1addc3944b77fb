//! The state machine: what a set of reports adds up to.
//!
//! Providers deliver late, twice and out of order. So nothing here is a transition: a record keeps, per status, the
//! earliest and the latest time at which a provider reported it, and the status is read off that map. The order in
//! which reports arrive can't matter, because the map doesn't know it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::vocabulary::{Method, Status};

/// The earliest and the latest provider time of one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub first: Timestamp,
    pub last: Timestamp,
}

/// When each status was reported.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusReports(BTreeMap<Status, Seen>);

impl StatusReports {
    /// Adds a report. Adding one again changes nothing.
    pub fn add(&mut self, status: Status, at: Timestamp) {
        let seen = self.0.entry(status).or_insert(Seen { first: at, last: at });
        seen.first = seen.first.min(at);
        seen.last = seen.last.max(at);
    }

    /// When `status` was first reported.
    #[must_use]
    pub fn first(&self, status: Status) -> Option<Timestamp> {
        self.0.get(&status).map(|seen| seen.first)
    }

    /// When `status` was last reported.
    #[must_use]
    pub fn last(&self, status: Status) -> Option<Timestamp> {
        self.0.get(&status).map(|seen| seen.last)
    }

    /// The earliest success.
    #[must_use]
    pub fn charged_at(&self) -> Option<Timestamp> {
        [self.first(Status::Paid), self.first(Status::Completed)].into_iter().flatten().min()
    }

    /// When a success was undone: the first reversal, or the failure that came after the success.
    #[must_use]
    pub fn reversed_at(&self, method: Method) -> Option<Timestamp> {
        let charged = self.charged_at()?;
        if let Some(reversed) = self.first(Status::Reversed) {
            return Some(reversed);
        }
        let failed_later = self.first(Status::Failed).filter(|failed| *failed > charged);
        failed_later.or(self.last(Status::Failed)).filter(|_| self.was_undone(method))
    }

    /// What the reports add up to. The first rule that fits decides:
    ///
    /// | seen | status | so that |
    /// |---|---|---|
    /// | REVERSED | REVERSED | an undone payment stays undone |
    /// | a success, and FAILED reported for a later time, where success can be undone | REVERSED | a debit order that comes back unpaid, a returned payout |
    /// | PAID or COMPLETED | that | money moved: a late payment beats an expiry, and an earlier failure |
    /// | FAILED | FAILED | a refusal beats running out of time |
    /// | EXPIRED | EXPIRED | |
    /// | PROCESSING | PROCESSING | |
    /// | PENDING | PENDING | |
    /// | nothing | the method's first status | |
    #[must_use]
    pub fn status(&self, method: Method) -> Status {
        let seen = |status| self.0.contains_key(&status);
        if seen(Status::Reversed) {
            return Status::Reversed;
        }
        if let Some(success) = [Status::Paid, Status::Completed].into_iter().find(|status| seen(*status)) {
            return if self.was_undone(method) { Status::Reversed } else { success };
        }
        [Status::Failed, Status::Expired, Status::Processing, Status::Pending]
            .into_iter()
            .find(|status| seen(*status))
            .unwrap_or(method.initial_status())
    }

    /// Whether a failure was reported for a time after the success, of a method whose success can be undone.
    fn was_undone(&self, method: Method) -> bool {
        match (self.charged_at(), self.last(Status::Failed)) {
            (Some(success), Some(failure)) => method.success_can_be_undone() && failure > success,
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
