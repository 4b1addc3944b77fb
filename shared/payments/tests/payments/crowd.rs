//! Payments of which many come on one reference at once.

use paywarden_domain::timeline::EntryKind;
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_payments::apply::{Applier, lane};
use paywarden_testing::{Refusal, builders};
use tracing::Span;

use crate::workshop::{Step, Workshop, of_payment};

const WRITE: &str = "TransactWriteItems";

/// More often than anybody tries.
const FOR_EVER: usize = 1_000;

/// A code that was paid once.
async fn with_a_payment() -> Workshop {
    let workshop = Workshop::open_in_process().await;
    workshop.add(builders::draft("INV0045")).await;
    workshop.report(&[of_payment("pay_1")]).await;
    workshop
}

fn put_off(workshop: &Workshop) -> Vec<(u32, VerifiedCallback)> {
    let messages = workshop.stage.transaction_events.take().into_iter();
    messages.map(|message| (message.delay_seconds, serde_json::from_str(&message.body).unwrap())).collect()
}

#[tokio::test]
async fn who_is_outrun_tries_longer_than_others_are_in_the_way() {
    let workshop = with_a_payment().await;
    for (payment, refusal) in [("pay_2", Refusal::Conflict), ("pay_3", Refusal::Throttled)] {
        workshop.stage.faults.refuse(WRITE, refusal, 5);
        workshop.done(&Step::Callback(Box::new(workshop.callback(&[of_payment(payment)])))).await;
    }
    assert_eq!(put_off(&workshop), []);
    assert!(workshop.find("INV0045", 3).await.is_some());
}

#[tokio::test]
async fn who_is_outrun_again_and_again_comes_again_in_some_seconds_and_has_not_failed() {
    let workshop = with_a_payment().await;
    workshop.stage.faults.refuse(WRITE, Refusal::Conflict, FOR_EVER);
    let both = workshop.callback(&[of_payment("pay_1"), of_payment("pay_2")]);
    workshop.done(&Step::Callback(Box::new(both.clone()))).await;
    let [(delay, later)] = put_off(&workshop).try_into().unwrap();
    assert!((1..=4).contains(&delay), "{delay}");
    assert_eq!(later, both.put_off(vec![of_payment("pay_2")]), "the other one is not to blame");
    workshop.stage.faults.refuse(WRITE, Refusal::Conflict, 0);
    workshop.done(&Step::Callback(Box::new(later))).await;
    assert!(workshop.find("INV0045", 2).await.is_some());
}

#[tokio::test]
async fn who_is_never_let_in_fails_at_last() {
    let workshop = with_a_payment().await;
    workshop.stage.faults.refuse(WRITE, Refusal::Conflict, FOR_EVER);
    let callback = VerifiedCallback { put_off: 20, ..workshop.callback(&[of_payment("pay_2")]) };
    let refused = workshop.attempt(&Step::Callback(Box::new(callback))).await;
    assert_eq!(refused, Err("a conditional write found another state".to_owned()));
    assert_eq!(put_off(&workshop), []);
}

/// Applies callbacks of one payment each as one lane of a batch; answers how many failed.
async fn apply_together(workshop: &Workshop, payments: &[&str]) -> usize {
    let callbacks = payments.iter().map(|payment| workshop.callback(&[of_payment(payment)]));
    let lane = callbacks.map(|callback| (callback, Span::none())).collect();
    let answers = Applier::of(&workshop.stores).unwrap().apply_lane(lane).await;
    assert_eq!(answers.len(), payments.len());
    answers.into_iter().filter(Result::is_err).count()
}

#[tokio::test]
async fn further_payments_of_a_batch_are_written_at_once() {
    let workshop = with_a_payment().await;
    let before = workshop.find("INV0045", 1).await.unwrap();
    assert_eq!(apply_together(&workshop, &["pay_2", "pay_3", "pay_4"]).await, 0);
    let first = workshop.find("INV0045", 1).await.unwrap();
    assert_eq!((first.occurrences, first.version), (4, before.version + 1));
    for (occurrence, payment) in [(2, "pay_2"), (3, "pay_3"), (4, "pay_4")] {
        let record = workshop.find("INV0045", occurrence).await.unwrap();
        assert_eq!(record.provider_transaction_id.as_deref(), Some(payment));
        let told = workshop.entries_of(&record).await;
        let kinds: Vec<_> = told.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [EntryKind::ProviderMessage], "{payment}");
    }
}

#[tokio::test]
async fn what_is_in_a_batch_twice_or_was_heard_before_is_applied_once() {
    let workshop = with_a_payment().await;
    for _ in 0..2 {
        assert_eq!(apply_together(&workshop, &["pay_2", "pay_1", "pay_2", "pay_3"]).await, 0);
        assert_eq!(workshop.find("INV0045", 1).await.unwrap().occurrences, 3);
    }
}

#[tokio::test]
async fn a_batch_that_is_outrun_again_and_again_comes_again_in_some_seconds() {
    let workshop = with_a_payment().await;
    workshop.stage.faults.refuse(WRITE, Refusal::Conflict, FOR_EVER);
    assert_eq!(apply_together(&workshop, &["pay_2", "pay_3"]).await, 0);
    workshop.stage.faults.refuse(WRITE, Refusal::Conflict, 0);
    let later = put_off(&workshop);
    assert_eq!(later.len(), 2);
    for (_, callback) in later {
        workshop.done(&Step::Callback(Box::new(callback))).await;
    }
    assert_eq!(workshop.find("INV0045", 1).await.unwrap().occurrences, 3);
}

#[tokio::test]
async fn a_lane_that_nobody_has_a_record_of_opens_one_and_then_further_ones() {
    let workshop = Workshop::open_in_process().await;
    assert_eq!(apply_together(&workshop, &["pay_1", "pay_2", "pay_3"]).await, 0);
    assert_eq!(workshop.find("INV0045", 1).await.unwrap().occurrences, 3);
}

#[tokio::test]
async fn callbacks_of_one_reference_of_one_merchant_are_in_one_lane() {
    let workshop = Workshop::open_in_process().await;
    let [one, other] = ["pay_1", "pay_2"].map(|payment| lane(&workshop.callback(&[of_payment(payment)])));
    assert_eq!((one.as_ref(), one.is_some()), (other.as_ref(), true));
    let elsewhere =
        builders::report("INV0046", paywarden_domain::vocabulary::Status::Paid, "2026-11-20T07:55:00Z");
    assert_ne!(one, lane(&workshop.callback(&[elsewhere])));
    assert_eq!(lane(&workshop.callback(&[])), None);
}
