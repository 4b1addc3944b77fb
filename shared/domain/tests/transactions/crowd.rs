//! Payments that are decided together: as if they were decided one after the other, with the first record written once.

use paywarden_domain::provider::{ProviderType, Terms};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{Verdict, first_seen};
use paywarden_domain::transaction::crowd::{Arrival, Crowd, open_together};
use paywarden_domain::transaction::family::{Family, decide};
use paywarden_domain::transaction::report::Report;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::builders;
use proptest::prelude::*;
use proptest::sample::select;

const REFERENCE: &str = "CODE-1";
const NOW: &str = "2026-11-20T08:00:00Z";

fn report(payment: &str, status: Status, amount: &str) -> Report {
    let report = builders::report(REFERENCE, status, NOW);
    let money = Some(builders::money(amount, "IDR"));
    Report { provider_transaction_id: Some(payment.to_owned()), money, ..report }
}

/// What the records of a reference and those arrivals come to together.
fn together(first: &Transaction, others: &[Transaction], reports: &[Report]) -> Option<Crowd> {
    let merchant = builders::merchant("one");
    let origin = builders::origin(&builders::provider(&merchant, ProviderType::Xendit), NOW);
    let arrivals: Vec<_> = reports.iter().map(|report| Arrival { report, origin: &origin }).collect();
    open_together(&merchant, Family { first, others, first_terms: &Terms::default() }, &arrivals)
}

/// The same one after the other: the first record, and what was opened.
fn one_by_one(first: &Transaction, reports: &[&Report]) -> (Transaction, Vec<Transaction>) {
    let merchant = builders::merchant("one");
    let origin = builders::origin(&builders::provider(&merchant, ProviderType::Xendit), NOW);
    let (mut first, mut others) = (first.clone(), Vec::new());
    for report in reports {
        let family = Family { first: &first, others: &others, first_terms: &Terms::default() };
        let decision = decide(&merchant, family, None, report, &origin);
        assert_eq!(decision.verdict, Verdict::Created);
        first = decision.writes.into_iter().find(|record| record.id == first.id).unwrap();
        others.push(decision.subject);
    }
    (first, others)
}

fn paid_once() -> Transaction {
    let merchant = builders::merchant("one");
    let origin = builders::origin(&builders::provider(&merchant, ProviderType::Xendit), NOW);
    first_seen(&merchant, REFERENCE, None, &report("pay_0", Status::Paid, "5000"), &origin).unwrap()
}

#[test]
fn a_crowd_is_counted_once_and_each_payment_has_its_record() {
    let first = paid_once();
    let reports = ["pay_1", "pay_2", "pay_3"].map(|payment| report(payment, Status::Paid, "5000"));
    let crowd = together(&first, &[], &reports).unwrap();
    assert_eq!((crowd.first.occurrences, crowd.first.version), (4, first.version + 1));
    let occurrences: Vec<_> = crowd.opened.iter().map(|(at, record)| (*at, record.occurrence)).collect();
    assert_eq!(occurrences, [(0, 2), (1, 3), (2, 4)]);
}

#[test]
fn one_payment_is_no_crowd_and_neither_are_those_that_open_nothing() {
    let first = paid_once();
    assert_eq!(together(&first, &[], &[report("pay_1", Status::Paid, "5000")]), None);
    let open = ["pay_1", "pay_2"].map(|payment| report(payment, Status::Pending, "5000"));
    assert_eq!(together(&first, &[], &open), None);
}

#[test]
fn an_order_that_is_not_paid_yet_is_paid_by_the_first_of_them_and_not_in_a_crowd() {
    let merchant = builders::merchant("one");
    let order = builders::draft(REFERENCE).into_transaction(&merchant, builders::at(NOW), "corr-post");
    let amount = order.money.amount_text();
    let reports = ["pay_1", "pay_2"].map(|payment| report(payment, Status::Paid, &amount));
    assert_eq!(together(&order, &[], &reports), None);
}

proptest! {
    #[test]
    fn together_is_as_one_after_the_other(
        told in prop::collection::vec(
            (select(vec![Status::Paid, Status::Pending, Status::Failed]), select(vec!["5000", "7000"])), 0..8)
    ) {
        let first = paid_once();
        let numbered = told.iter().enumerate();
        let reports: Vec<_> =
            numbered.map(|(at, (status, amount))| report(&format!("pay_{}", at + 1), *status, amount)).collect();
        let paid: Vec<_> = reports.iter().filter(|report| report.status() == Some(Status::Paid)).collect();
        let (counted, opened) = one_by_one(&first, &paid);
        match together(&first, &[], &reports) {
            None => prop_assert!(paid.len() < 2),
            Some(crowd) => {
                let records: Vec<_> = crowd.opened.into_iter().map(|(_, record)| record).collect();
                prop_assert_eq!(records, opened);
                prop_assert_eq!(Transaction { version: counted.version, ..crowd.first }, counted);
            }
        }
    }
}
