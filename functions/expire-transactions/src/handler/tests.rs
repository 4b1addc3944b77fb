//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_testing::{TestStage, builders, events};

use super::*;

fn deps(stage: &TestStage) -> Deps {
    Deps { transactions: stage.transactions(), clock: stage.clock() }
}

async fn add(stage: &TestStage, merchant: &Merchant, reference: &str, due: Timestamp) -> Transaction {
    let mut draft = builders::draft(reference);
    draft.expired_at = Some(due);
    stage.add_transaction(merchant, draft).await
}

async fn find(stage: &TestStage, id: &TransactionId) -> Transaction {
    stage.transactions().find(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_is_due_ends_across_all_merchants_and_nothing_earlier() {
    let stage = TestStage::start().await;
    let now = stage.clock().now();
    let (one, other) = (stage.add_merchant("one").await, stage.add_merchant("other").await);
    let due = [
        add(&stage, &one, "DUE", now).await,
        add(&stage, &one, "OVERDUE", now.plus_seconds(-3600)).await,
        add(&stage, &other, "OTHER", now.plus_seconds(-1)).await,
    ];
    let later = add(&stage, &one, "LATER", now.plus_seconds(1)).await;
    handle(&deps(&stage)).await.unwrap();
    for transaction in &due {
        let ended = find(&stage, &transaction.id).await;
        assert_eq!((ended.status(), ended.version), (Status::Expired, 2), "{}", transaction.reference);
        assert_eq!(ended.reports.first(Status::Expired), transaction.expired_at, "as of the time it was due");
        assert_eq!(ended.status_changed_at, now, "and changed when we noticed");
    }
    assert_eq!(find(&stage, &later.id).await, later);
}

#[tokio::test]
async fn an_ended_payment_leaves_the_index() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let transaction = add(&stage, &merchant, "DUE", stage.clock().now()).await;
    handle(&deps(&stage)).await.unwrap();
    handle(&deps(&stage)).await.unwrap();
    assert_eq!(find(&stage, &transaction.id).await.version, 2);
    for shard in 0..EXPIRY_SHARDS {
        assert!(stage.transactions().due_to_expire(shard, stage.clock().now(), 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_was_paid_meanwhile_never_expires() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let transaction = add(&stage, &merchant, "PAID", stage.clock().now()).await;
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let report = builders::report("PAID", Status::Paid, "2026-11-20T07:59:00Z");
    let paid =
        apply(&transaction, &report, &builders::origin(&provider, "2026-11-20T08:00:00Z")).next.unwrap();
    // The index was read before the payment was written, the record after it.
    stage.write(&paid, Expected::Version(1)).await;
    assert!(!end(&deps(&stage), transaction.id.clone()).await.unwrap());
    // And a payment that is written between reading and writing wins by its version.
    assert!(expire(&transaction, stage.clock().now()).is_some());
    let stale = expire(&transaction, stage.clock().now()).unwrap();
    let expected = Expected::Version(transaction.version);
    let write = Write { transaction: &stale, expected, bind: None, first_occurrence: None };
    assert_eq!(stage.transactions().write(write).await, Err(StoreError::Conflict));
    assert_eq!(find(&stage, &transaction.id).await, paid);
}

#[tokio::test]
async fn a_late_payment_still_beats_the_expiry() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    let transaction = add(&stage, &merchant, "LATE", stage.clock().now()).await;
    handle(&deps(&stage)).await.unwrap();
    let expired = find(&stage, &transaction.id).await;
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let report = builders::report("LATE", Status::Paid, "2026-11-20T08:05:00Z");
    let next = apply(&expired, &report, &builders::origin(&provider, "2026-11-20T08:05:01Z")).next.unwrap();
    assert_eq!(next.status(), Status::Paid);
}

#[tokio::test]
async fn a_run_is_bounded_and_the_next_one_goes_on() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("one").await;
    for number in 0..60 {
        add(&stage, &merchant, &format!("INV{number}"), stage.clock().now()).await;
    }
    let mut left = Vec::new();
    for shard in 0..EXPIRY_SHARDS {
        left.extend(stage.transactions().due_to_expire(shard, stage.clock().now(), 5).await.unwrap());
    }
    assert!(left.len() <= 5 * usize::from(EXPIRY_SHARDS), "the index answers no more than it is asked for");
    handle(&deps(&stage)).await.unwrap();
    let mut due = 0;
    for shard in 0..EXPIRY_SHARDS {
        due += stage.transactions().due_to_expire(shard, stage.clock().now(), 100).await.unwrap().len();
    }
    assert_eq!(due, 0);
}

#[tokio::test]
async fn the_sample_is_a_schedules_event() {
    let stage = TestStage::start().await;
    for _ in events::parsed::<serde_json::Value>("expire-transactions") {
        handle(&deps(&stage)).await.unwrap();
    }
}
