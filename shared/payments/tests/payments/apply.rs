//! What callbacks do to records and to their timelines.

use futures::join;
use paywarden_domain::time::Clock;
use paywarden_domain::timeline::{EntryKind, Subject};
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::Status;
use paywarden_payments::apply::Applier;
use paywarden_payments::record::PaymentOrder;
use paywarden_store::Retryable;
use paywarden_store::transactions::Binding;
use paywarden_testing::builders;

use crate::workshop::{Step, Workshop, of_payment, paid, reversal_by_id};

async fn kinds(workshop: &Workshop) -> Vec<EntryKind> {
    let entries = workshop.entries_of(&workshop.record().await).await;
    entries.into_iter().map(|(kind, _)| kind).collect()
}

#[tokio::test]
async fn a_report_moves_the_record_and_leaves_its_raw_message() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[paid()]).await;
    let record = workshop.record().await;
    assert_eq!((record.status(), record.version), (Status::Paid, 2));
    assert_eq!(record.charged_at(), Some(builders::at("2026-11-20T07:55:00Z")));
    assert_eq!(record.correlation_id.as_deref(), Some("corr-1"));
    let entries = workshop.timeline(&Subject::Transaction(record.id)).await;
    let [entry] = entries.try_into().unwrap();
    assert_eq!(
        (entry.kind, entry.summary.as_str()),
        (EntryKind::ProviderMessage, "xendit reports PAID, 10000 IDR")
    );
    assert_eq!(entry.detail["body"], "{\"raw\": true}");
}

#[tokio::test]
async fn the_same_message_again_changes_nothing_and_is_said_once() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[of_payment("pay_1")]).await;
    let first = workshop.record().await;
    for _ in 0..3 {
        workshop.report(&[of_payment("pay_1")]).await;
    }
    assert_eq!(workshop.record().await, first);
    assert_eq!(kinds(&workshop).await, [EntryKind::ProviderMessage, EntryKind::ReportIgnored]);
}

#[tokio::test]
async fn reports_out_of_order_end_in_the_same_state() {
    let late = || builders::report("INV0045", Status::Pending, "2026-11-20T07:50:00Z");
    let mut states = Vec::new();
    for order in [[late(), paid()], [paid(), late()]] {
        let workshop = Workshop::open().await;
        workshop.add(builders::draft("INV0045")).await;
        for report in order {
            workshop.report(&[report]).await;
        }
        let record = workshop.record().await;
        states.push((record.status(), record.reports.clone(), record.charged_at()));
    }
    assert_eq!(states[0], states[1]);
    assert_eq!(states[0].0, Status::Paid);
}

#[tokio::test]
async fn two_messages_at_the_same_time_both_count() {
    let workshop = Workshop::open().await;
    let pending = builders::report("INV0045", Status::Pending, "2026-11-20T07:50:00Z");
    let [one, other] = [pending, paid()].map(|report| workshop.callback(&[report]));
    let applier = Applier::of(&workshop.stores).unwrap();
    assert_eq!(join!(applier.apply(one), applier.apply(other)), (Ok(()), Ok(())));
    let record = workshop.record().await;
    assert_eq!(record.status(), Status::Paid);
    assert_eq!(record.reports.first(Status::Pending), Some(builders::at("2026-11-20T07:50:00Z")));
    assert_eq!(workshop.stage.count("TransactionsTable"), 1);
}

#[tokio::test]
async fn a_payment_nobody_announced_opens_its_record() {
    let workshop = Workshop::open().await;
    workshop.report(&[of_payment("pay_1")]).await;
    let record = workshop.record().await;
    assert_eq!((record.status(), record.version, record.fingerprint.is_none()), (Status::Paid, 1, true));
    let binding = Binding { provider: &workshop.provider.id, payment: "pay_1" };
    assert_eq!(workshop.stage.transactions().find_bound(binding).await.unwrap(), Some(record.id));
}

#[tokio::test]
async fn another_payment_under_the_reference_opens_the_next_occurrence() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    for payment in ["pay_1", "pay_2", "pay_3", "pay_2", "pay_1"] {
        workshop.report(&[of_payment(payment)]).await;
    }
    let first = workshop.record().await;
    assert_eq!(first.occurrences, 3);
    for (occurrence, payment) in [(1, "pay_1"), (2, "pay_2"), (3, "pay_3")] {
        let record = workshop.find("INV0045", occurrence).await.unwrap();
        assert_eq!(record.provider_transaction_id.as_deref(), Some(payment));
        assert_eq!(record.status(), Status::Paid);
    }
    assert_eq!(workshop.stage.count("TransactionsTable"), 3);
}

/// The payment under INV0045 that the provider calls `id`, at a minute before eight.
fn tried(id: &str, status: Status, minute: u32) -> Report {
    let report = builders::report("INV0045", status, &format!("2026-11-20T07:{minute:02}:00Z"));
    Report { provider_transaction_id: Some(id.to_owned()), ..report }
}

#[tokio::test]
async fn tries_of_an_order_end_in_one_record_whatever_comes_last() {
    let tries =
        [tried("va", Status::Pending, 10), tried("qr", Status::Paid, 15), tried("va", Status::Expired, 40)];
    for turn in 0..tries.len() {
        let workshop = Workshop::open().await;
        workshop.add(builders::draft("INV0045")).await;
        for report in tries.iter().cycle().skip(turn).take(tries.len() * 2) {
            workshop.report(std::slice::from_ref(report)).await;
        }
        let record = workshop.record().await;
        let payment = record.provider_transaction_id.as_deref();
        assert_eq!((record.status(), payment, record.occurrences), (Status::Paid, Some("qr"), 1));
        assert_eq!(record.attempts().len(), 2);
        assert_eq!(workshop.stage.count("TransactionsTable"), 1);
    }
}

#[tokio::test]
async fn a_try_that_succeeds_after_all_takes_its_reports_along() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    for report in
        [tried("va", Status::Pending, 10), tried("qr", Status::Paid, 15), tried("va", Status::Paid, 20)]
    {
        workshop.report(&[report]).await;
    }
    let second = workshop.find("INV0045", 2).await.unwrap();
    assert_eq!((second.status(), second.provider_transaction_id.as_deref()), (Status::Paid, Some("va")));
    assert_eq!(second.reports.first(Status::Pending), Some(builders::at("2026-11-20T07:10:00Z")));
    assert_eq!(workshop.record().await.attempts().len(), 1, "it is no try of the first any more");
    workshop.report(&[reversal_by_id("va")]).await;
    assert_eq!(workshop.find("INV0045", 2).await.unwrap().status(), Status::Reversed);
}

#[tokio::test]
async fn a_success_held_for_its_amount_is_a_payment_of_its_own_once_the_order_is_paid_by_another() {
    let other = Report { money: Some(builders::money("12000", "IDR")), ..tried("b", Status::Paid, 20) };
    for reports in [[other.clone(), tried("a", Status::Paid, 10)], [tried("a", Status::Paid, 10), other]] {
        let workshop = Workshop::open().await;
        workshop.add(builders::draft("INV0045")).await;
        for report in reports {
            workshop.report(&[report]).await;
        }
        let (first, second) = (workshop.record().await, workshop.find("INV0045", 2).await.unwrap());
        assert_eq!((first.status(), first.held.len(), first.occurrences), (Status::Paid, 0, 2));
        assert_eq!((second.status(), second.money), (Status::Paid, builders::money("12000", "IDR")));
        let binding = Binding { provider: &workshop.provider.id, payment: "b" };
        assert_eq!(workshop.stage.transactions().find_bound(binding).await.unwrap(), Some(second.id));
    }
}

/// The provider's first payment names no amount, and is taken to be the order's, until it turns out to be of less.
#[tokio::test]
async fn a_payment_that_named_no_amount_gives_way_to_the_one_that_named_the_orders() {
    let unpriced = || Report { money: None, ..of_payment("pay_1") };
    let less = || Report { money: Some(builders::money("9000", "IDR")), ..tried("pay_1", Status::Paid, 55) };
    let orders = [
        [unpriced(), of_payment("pay_2"), less()],
        [unpriced(), less(), of_payment("pay_2")],
        [of_payment("pay_2"), unpriced(), less()],
        [less(), of_payment("pay_2"), unpriced()],
    ];
    for reports in orders {
        let workshop = Workshop::open().await;
        workshop.add(builders::draft("INV0045")).await;
        for report in &reports {
            workshop.report(std::slice::from_ref(report)).await;
        }
        for (occurrence, payment, amount) in [(1, "pay_2", "10000"), (2, "pay_1", "9000")] {
            let record = workshop.find("INV0045", occurrence).await.unwrap();
            assert_eq!(record.provider_transaction_id.as_deref(), Some(payment), "{reports:?}");
            assert_eq!((record.status(), record.is_held()), (Status::Paid, false), "{reports:?}");
            assert_eq!(record.money, builders::money(amount, "IDR"), "{reports:?}");
            let binding = Binding { provider: &workshop.provider.id, payment };
            let bound = workshop.stage.transactions().find_bound(binding).await.unwrap();
            assert_eq!(bound, Some(record.id), "{reports:?}");
        }
    }
}

#[tokio::test]
async fn a_payment_that_is_of_another_order_all_at_once_is_listed_and_changes_nothing() {
    let workshop = Workshop::open().await;
    workshop.report(&[of_payment("pay_1")]).await;
    let record = workshop.record().await;
    workshop.report(&[Report { reference: Some("OTHER".to_owned()), ..of_payment("pay_1") }]).await;
    assert_eq!(workshop.record().await, record);
    assert_eq!(workshop.find("OTHER", 1).await, None);
    let unmatched = Subject::unmatched(&workshop.provider.id, workshop.stage.clock.now());
    assert_eq!(workshop.timeline(&unmatched).await.len(), 1);
}

#[tokio::test]
async fn what_the_merchant_says_holds_for_every_payment_of_the_order() {
    let workshop = Workshop::open().await;
    for payment in ["pay_1", "pay_2"] {
        workshop.report(&[of_payment(payment)]).await;
    }
    let mut draft = builders::draft("INV0045");
    draft.merchant_fields.customers_id = Some("cus_1".to_owned());
    let order = PaymentOrder { draft, provider_id: None };
    workshop.done(&Step::Post(Box::new(order))).await;
    for occurrence in [1, 2] {
        let record = workshop.find("INV0045", occurrence).await.unwrap();
        assert_eq!(record.merchant_fields.customers_id.as_deref(), Some("cus_1"), "{occurrence}");
    }
}

#[tokio::test]
async fn what_the_merchant_says_of_a_further_payment_holds_for_that_one_alone() {
    let workshop = Workshop::open().await;
    for payment in ["pay_1", "pay_2", "pay_3"] {
        workshop.report(&[of_payment(payment)]).await;
    }
    let mut draft =
        paywarden_domain::transaction::draft::Draft { occurrence: 3, ..builders::draft("INV0045") };
    draft.merchant_fields.customers_id = Some("cus_3".to_owned());
    workshop.done(&Step::Post(Box::new(PaymentOrder { draft, provider_id: None }))).await;
    for (occurrence, customer) in [(1, None), (2, None), (3, Some("cus_3"))] {
        let record = workshop.find("INV0045", occurrence).await.unwrap();
        assert_eq!(record.merchant_fields.customers_id.as_deref(), customer, "{occurrence}");
    }
}

#[tokio::test]
async fn a_report_by_the_providers_id_alone_finds_its_record() {
    let workshop = Workshop::open().await;
    workshop.report(&[of_payment("pay_1")]).await;
    workshop.report(&[reversal_by_id("pay_1")]).await;
    assert_eq!(workshop.record().await.status(), Status::Reversed);
}

#[tokio::test]
async fn what_fits_no_transaction_is_kept_by_provider_and_day() {
    let workshop = Workshop::open().await;
    let nowhere = Report { reference: None, ..of_payment("pay_unknown") };
    let too_little =
        Report { method: None, ..builders::report("INV9", Status::Paid, "2026-11-20T07:55:00Z") };
    workshop.report(&[nowhere, too_little]).await;
    workshop.stage.clock.advance_seconds(1);
    workshop.report(&[]).await;
    assert_eq!(workshop.stage.count("TransactionsTable"), 0);
    let subject = Subject::unmatched(&workshop.provider.id, workshop.stage.clock.now());
    let summaries: Vec<_> =
        workshop.timeline(&subject).await.into_iter().map(|entry| entry.summary).collect();
    assert_eq!(summaries.len(), 3, "{summaries:?}");
    assert!(summaries.contains(&"xendit sent a message about no payment".to_owned()), "{summaries:?}");
}

#[tokio::test]
async fn held_and_ignored_reports_say_why() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    let odd = Report { money: Some(builders::money("9999", "IDR")), ..paid() };
    let unknown = Report { happening: Happening::Unknown { word: "ODD".to_owned() }, ..paid() };
    workshop.report(&[odd, unknown]).await;
    let record = workshop.record().await;
    assert_eq!((record.status(), record.held.len()), (Status::Pending, 1));
    let mut kinds = kinds(&workshop).await;
    kinds.sort();
    let expected = [
        EntryKind::ReportIgnored,
        EntryKind::ReportHeld,
        EntryKind::ProviderMessage,
        EntryKind::ProviderMessage,
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_table_that_does_not_answer_sends_the_message_back() {
    let workshop = Workshop::open().await;
    let stores = workshop.stage.stores_with(None, &[("TRANSACTIONS_TABLE", "NoSuchTable")]);
    let failed = Applier::of(&stores).unwrap().apply(workshop.callback(&[paid()])).await.unwrap_err();
    assert!(failed.is_retryable(), "{failed}");
}

/// Providers batch what they have; the same may stand in one batch twice.
#[tokio::test]
async fn a_callback_that_reports_the_same_twice_is_applied_and_noted_once() {
    let workshop = Workshop::open().await;
    workshop.report(&[of_payment("pay_1"), of_payment("pay_1")]).await;
    let record = workshop.record().await;
    assert_eq!((record.status(), record.version), (Status::Paid, 1));
    let kinds: Vec<_> = kinds(&workshop).await;
    assert_eq!(kinds.iter().filter(|kind| **kind == EntryKind::ProviderMessage).count(), 1, "{kinds:?}");
}

#[tokio::test]
async fn a_payment_that_is_released_takes_along_all_that_was_held_of_it() {
    let workshop = Workshop::open().await;
    workshop.add(builders::draft("INV0045")).await;
    let less =
        |status, minute| Report { money: Some(builders::money("9000", "IDR")), ..tried("b", status, minute) };
    for report in [less(Status::Paid, 20), less(Status::Pending, 5), less(Status::Paid, 15)] {
        workshop.report(&[report]).await;
    }
    workshop.report(&[tried("a", Status::Paid, 10)]).await;
    let second = workshop.find("INV0045", 2).await.unwrap();
    assert_eq!(second.charged_at(), Some(tried("b", Status::Paid, 15).occurred_at), "the earliest word");
    assert!(second.reports.first(Status::Pending).is_some());
    assert!(workshop.record().await.held.is_empty());
}
