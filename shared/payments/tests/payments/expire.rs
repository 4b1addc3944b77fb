//! What the sweep ends, and what it leaves alone.

use std::sync::Arc;

use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{apply, expire};
use paywarden_domain::transaction::draft::Draft;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::transaction::state::Mark;
use paywarden_domain::vocabulary::Status;
use paywarden_store::StoreError;
use paywarden_store::transactions::keys::EXPIRY_SHARDS;
use paywarden_testing::builders;

use crate::workshop::{Step, Workshop};

async fn add(workshop: &Workshop, merchant: &Merchant, reference: &str, due: Timestamp) -> Transaction {
    let draft = Draft { expired_at: Some(due), ..builders::draft(reference) };
    workshop.stage.add_transaction(merchant, draft).await
}

async fn find(workshop: &Workshop, transaction: &Transaction) -> Transaction {
    workshop.stage.transactions().find(&transaction.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_is_due_ends_across_all_merchants_and_nothing_earlier() {
    let workshop = Workshop::open().await;
    let now = workshop.stage.clock.now();
    let (one, other) = (workshop.stage.add_merchant("one").await, workshop.stage.add_merchant("other").await);
    let due = [
        add(&workshop, &one, "DUE", now).await,
        add(&workshop, &one, "OVERDUE", now.plus_seconds(-3600)).await,
        add(&workshop, &other, "OTHER", now.plus_seconds(-1)).await,
    ];
    let later = add(&workshop, &one, "LATER", now.plus_seconds(1)).await;
    workshop.done(&Step::Sweep).await;
    for transaction in &due {
        let ended = find(&workshop, transaction).await;
        assert_eq!((ended.status(), ended.version), (Status::Expired, 2), "{}", transaction.reference);
        assert_eq!(ended.reports.first(Mark::TimedOut), transaction.expired_at, "as of the time it was due");
        assert_eq!(ended.status_changed_at, now, "and changed when we noticed");
    }
    assert_eq!(find(&workshop, &later).await, later);
}

#[tokio::test]
async fn an_ended_payment_leaves_the_index() {
    let workshop = Workshop::open().await;
    let transaction = add(&workshop, &workshop.merchant, "DUE", workshop.stage.clock.now()).await;
    workshop.done(&Step::Sweep).await;
    workshop.done(&Step::Sweep).await;
    assert_eq!(find(&workshop, &transaction).await.version, 2);
    assert_eq!(workshop.due(10).await, [0; EXPIRY_SHARDS as usize]);
}

/// The operations of a sweep are one look at the index for each shard, and after a shard's look two for each payment in
/// it: the record is read, then written.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_meanwhile_never_expires() {
    for before in ["the record is read", "the record is written"] {
        let workshop = Arc::new(Workshop::open().await);
        let transaction = add(&workshop, &workshop.merchant, "PAID", workshop.stage.clock.now()).await;
        let report = builders::report("PAID", Status::Paid, "2026-11-20T07:59:00Z");
        let origin = builders::origin(&workshop.provider, "2026-11-20T08:00:00Z");
        let paid = apply(&transaction, &report, &origin).next.unwrap();
        let shard = workshop.due(10).await.iter().position(|found| *found == 1).unwrap();
        let operation = i64::try_from(shard).unwrap() + if before == "the record is read" { 1 } else { 2 };
        let (other, written) = (Arc::clone(&workshop), paid.clone());
        workshop.stage.faults.meanwhile(operation, async move {
            other.stage.write(&written).await;
        });
        workshop.done(&Step::Sweep).await;
        assert!(!workshop.stage.faults.nobody_else(), "it was paid in between");
        assert_eq!(find(&workshop, &transaction).await, paid, "paid before {before}");
        // And a payment that is written between reading and writing wins by its version.
        let stale = expire(&transaction, workshop.stage.clock.now()).unwrap();
        assert_eq!(workshop.stage.transactions().replace(&stale).await, Err(StoreError::Conflict));
        assert_eq!(find(&workshop, &transaction).await, paid);
    }
}

#[tokio::test]
async fn an_order_does_not_expire_over_money_that_may_have_come() {
    let odd = Report {
        money: Some(builders::money("9999", "IDR")),
        ..builders::report("HELD", Status::Paid, "2026-11-20T07:59:00Z")
    };
    for held_first in [true, false] {
        let workshop = Workshop::open().await;
        let transaction = add(&workshop, &workshop.merchant, "HELD", workshop.stage.clock.now()).await;
        if held_first {
            workshop.report(std::slice::from_ref(&odd)).await;
        }
        workshop.done(&Step::Sweep).await;
        workshop.report(std::slice::from_ref(&odd)).await;
        let record = find(&workshop, &transaction).await;
        assert_eq!((record.status(), record.held.len()), (Status::Pending, 1));
        assert_eq!(workshop.due(10).await.iter().sum::<usize>(), 0, "the sweep does not look at it any more");
    }
}

#[tokio::test]
async fn a_late_payment_still_beats_the_expiry() {
    let workshop = Workshop::open().await;
    let transaction = add(&workshop, &workshop.merchant, "LATE", workshop.stage.clock.now()).await;
    workshop.done(&Step::Sweep).await;
    let expired = find(&workshop, &transaction).await;
    let report = builders::report("LATE", Status::Paid, "2026-11-20T08:05:00Z");
    let origin = builders::origin(&workshop.provider, "2026-11-20T08:05:01Z");
    let next = apply(&expired, &report, &origin).next.unwrap();
    assert_eq!(next.status(), Status::Paid);
}

#[tokio::test]
async fn a_run_is_bounded_and_the_next_one_goes_on() {
    let workshop = Workshop::open().await;
    for number in 0..60 {
        let now = workshop.stage.clock.now();
        add(&workshop, &workshop.merchant, &format!("INV{number}"), now).await;
    }
    let left: usize = workshop.due(5).await.iter().sum();
    assert!(left <= 5 * usize::from(EXPIRY_SHARDS), "the index answers no more than it is asked for");
    workshop.done(&Step::Sweep).await;
    assert_eq!(workshop.due(100).await.iter().sum::<usize>(), 0);
}

#[tokio::test]
async fn what_cannot_be_read_keeps_nobody_from_ending() {
    let workshop = Workshop::open().await;
    let now = workshop.stage.clock.now();
    let mut due = Vec::new();
    for number in 0..12_i64 {
        let (reference, at) = (format!("DUE{number}"), now.plus_seconds(number - 60));
        due.push(add(&workshop, &workshop.merchant, &reference, at).await);
    }
    // The longest overdue ones stand first in their shards.
    workshop.stage.spoil("TransactionsTable", "method", |item| {
        ["DUE0", "DUE1", "DUE2", "DUE3"].contains(&item["reference"]["S"].as_str().unwrap())
    });
    workshop.done(&Step::Sweep).await;
    for transaction in &due[4..] {
        assert_eq!(find(&workshop, transaction).await.status(), Status::Expired, "{}", transaction.reference);
    }
}
