//! What people decide, in every order with what providers report.

use paywarden_domain::actor::Actor;
use paywarden_domain::ledger::entries;
use paywarden_domain::provider::{ProviderType, Terms};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::transaction::decision::{HeldId, Ruling, Wish};
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::Status;
use paywarden_testing::builders;

fn order() -> Transaction {
    let merchant = builders::merchant("Kopi Nusantara");
    builders::draft("INV0045").into_transaction(&merchant, builders::at("2026-11-20T07:00:00Z"), "corr")
}

fn report(status: Status, amount: &str, minute: u8) -> Report {
    let at = format!("2026-11-20T07:{minute:02}:00Z");
    Report {
        provider_transaction_id: Some("pay_1".to_owned()),
        money: Some(builders::money(amount, "IDR")),
        ..builders::report("INV0045", status, &at)
    }
}

fn refund(id: &str, amount: &str, minute: u8) -> Report {
    let at = builders::at(&format!("2026-11-20T07:{minute:02}:00Z"));
    let refunds = vec![Refund { id: id.to_owned(), at, money: builders::money(amount, "IDR") }];
    Report {
        happening: Happening::PartialRefund { refunds },
        money: None,
        ..report(Status::Paid, "10000", minute)
    }
}

fn decided(record: &Transaction, held: &str, ruling: Ruling, terms: &Terms) -> Option<Transaction> {
    let wish = Wish {
        held: HeldId::new(held),
        ruling,
        reason: "by agreement",
        by: Actor::Operator,
        now: decided_at(),
        correlation_id: "corr",
        terms,
    };
    record.decide(&wish).ok().flatten()
}

fn decided_at() -> Timestamp {
    builders::at("2026-11-20T09:00:00Z")
}

/// What anybody can see of it; when we wrote what is ours.
fn seen(record: &Transaction) -> impl PartialEq + std::fmt::Debug + use<> {
    let held = record.held_answer(&record.zone);
    let money = (record.settled(), record.settled_charges().cloned());
    (record.status(), money, entries(record), record.attempts(), held, record.is_held())
}

/// All orders of the reports, with the decision made as soon as it can be, and at the very end.
fn every_order_is_one(reports: &[Report], held: &str, ruling: Ruling) {
    let merchant = builders::merchant("Kopi Nusantara");
    let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
    let origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
    let mut expected = None;
    for order_of in orders(reports) {
        for early in [true, false] {
            let mut record = order();
            let decide = |record: &mut Transaction| {
                if let Some(next) = decided(record, held, ruling, &origin.terms) {
                    *record = next;
                }
            };
            // Twice, since everything comes again.
            for report in order_of.iter().chain(&order_of) {
                record = apply(&record, report, &origin).next.unwrap_or(record);
                if early {
                    decide(&mut record);
                }
            }
            decide(&mut record);
            let now = seen(&record);
            assert!(
                expected.as_ref().is_none_or(|expected| *expected == now),
                "{order_of:?} {early}\n{now:#?}\n{expected:#?}"
            );
            expected = Some(now);
        }
    }
}

fn orders(reports: &[Report]) -> Vec<Vec<&Report>> {
    let mut all = vec![Vec::new()];
    for report in reports {
        let mut longer_ones = Vec::new();
        for order in &all {
            for place in 0..=order.len() {
                let mut longer = order.clone();
                longer.insert(place, report);
                longer_ones.push(longer);
            }
        }
        all = longer_ones;
    }
    all
}

#[test]
fn an_amount_that_somebody_decides_about() {
    let less = || report(Status::Paid, "9000", 30);
    let sets = [
        vec![less(), report(Status::Pending, "9000", 20), report(Status::Pending, "10000", 10)],
        vec![less(), report(Status::Paid, "10000", 25), refund("r", "9500", 40)],
        vec![less(), refund("r", "9000", 40), report(Status::Expired, "10000", 50)],
        vec![less(), report(Status::Reversed, "10000", 55), report(Status::Failed, "9000", 20)],
    ];
    for reports in sets {
        for ruling in [Ruling::Accepted, Ruling::Dismissed] {
            every_order_is_one(&reports, "amount:9000:IDR:pay_1", ruling);
        }
    }
}

/// A try that failed and a payment that was called off at one time: both count once its amount is accepted.
#[test]
fn a_failure_and_a_call_off_of_one_time_are_two() {
    let failed = report(Status::Failed, "9000", 30);
    let voided = Report { happening: Happening::Voided, ..failed.clone() };
    let paid = report(Status::Paid, "9000", 20);
    every_order_is_one(&[paid, failed, voided], "amount:9000:IDR:pay_1", Ruling::Accepted);
}

#[test]
fn a_try_that_moved_no_money_asks_nothing_of_a_paid_order() {
    let merchant = builders::merchant("Kopi Nusantara");
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
    let of = |payment: Option<&str>, status| Report {
        provider_transaction_id: payment.map(str::to_owned),
        ..report(status, "9000", 30)
    };
    let voided = Report { happening: Happening::Voided, ..of(Some("pay_2"), Status::Failed) };
    // What is told of another amount, and whether somebody has to look at it although the order was paid.
    let table = [
        (of(Some("pay_2"), Status::Pending), false),
        (of(Some("pay_2"), Status::Failed), false),
        (of(Some("pay_2"), Status::Paid), true),
        (of(Some("pay_2"), Status::Reversed), true),
        // Nothing was taken that could have gone back; a success of it would have a record of its own.
        (voided, false),
        (of(Some("pay_1"), Status::Failed), true),
        (of(None, Status::Failed), true),
    ];
    for (other, waits) in table {
        let unpaid = apply(&order(), &other, &origin).next.unwrap();
        assert!(unpaid.is_held(), "while nothing was paid it may matter: {other:?}");
        // A payment of which only the end was told is one as well.
        for told in [Status::Paid, Status::Reversed]
            .into_iter()
            .flat_map(|status| orders_of(&other, &report(status, "10000", 10)))
        {
            let paid = told
                .iter()
                .fold(order(), |record, report| apply(&record, report, &origin).next.unwrap_or(record));
            assert_eq!(
                (paid.is_held(), paid.held_answer(&paid.zone).len()),
                (waits, usize::from(waits)),
                "{told:?}"
            );
        }
    }
}

fn orders_of(one: &Report, other: &Report) -> [[Report; 2]; 2] {
    [[one.clone(), other.clone()], [other.clone(), one.clone()]]
}

#[test]
fn a_refund_of_more_than_came() {
    let reports = [report(Status::Paid, "10000", 10), refund("a", "6000", 20), refund("b", "6000", 30)];
    for ruling in [Ruling::Accepted, Ruling::Dismissed] {
        every_order_is_one(&reports, "refund:b", ruling);
        every_order_is_one(
            &[&reports[..], &[report(Status::Reversed, "10000", 40)]].concat(),
            "refund:b",
            ruling,
        );
    }
}

#[test]
fn what_is_accepted_beyond_the_amount_leaves_nothing_to_reverse() {
    let merchant = builders::merchant("Kopi Nusantara");
    let provider = builders::charging(builders::provider(&merchant, ProviderType::Xendit));
    let origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
    let told = [report(Status::Paid, "10000", 10), refund("a", "6000", 20), refund("b", "6000", 30)];
    let held = told.iter().fold(order(), |record, report| apply(&record, report, &origin).next.unwrap());
    assert_eq!(held.status(), Status::Paid, "4000 are left while nobody has decided");
    let accepted = decided(&held, "refund:b", Ruling::Accepted, &origin.terms).unwrap();
    assert_eq!(accepted.status(), Status::Reversed);
    let reversed = apply(&accepted, &report(Status::Reversed, "10000", 40), &origin).next.unwrap();
    assert_eq!(entries(&reversed), entries(&accepted));
    assert!(entries(&reversed).iter().all(|entry| entry.amount.is_sign_positive()));
}

#[test]
fn an_amount_of_another_currency_can_only_be_dismissed() {
    let merchant = builders::merchant("Kopi Nusantara");
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let origin = builders::origin(&provider, "2026-11-20T08:00:00Z");
    let foreign = Report { money: Some(builders::money("10.50", "ZAR")), ..report(Status::Paid, "9000", 30) };
    let record = apply(&order(), &foreign, &origin).next.unwrap();
    let held = "amount:10.5:ZAR:pay_1";
    assert_eq!(record.held_answer(&record.zone)[0]["held_id"], held);
    assert_eq!(decided(&record, held, Ruling::Accepted, &origin.terms), None);
    assert!(decided(&record, held, Ruling::Dismissed, &origin.terms).is_some_and(|record| !record.is_held()));
}
