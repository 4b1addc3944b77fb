//! Planning, over the changes of transactions: who hears of them, frozen once.

use std::collections::BTreeSet;

use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::webhook::endpoint::{Batching, Disabled, DisabledReason};
use paywarden_domain::webhook::{DeliveryStatus, Endpoint, EndpointStatus, EventType};
use paywarden_store::StoreError;
use paywarden_store::transactions::stream::RecordChange;
use paywarden_testing::builders;

use crate::receiver::Receiver;
use crate::workshop::{Workshop, taken};

#[tokio::test]
async fn each_change_is_frozen_in_the_documents_shape_and_then_queued() {
    let workshop = Workshop::open().await;
    let endpoint =
        workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    let paid = workshop.paid_payment().await;
    let told = workshop.told(workshop.transaction_changes()).await;
    assert_eq!(told.len(), 2);
    for (delivery, (version, event)) in
        told.into_iter().zip([(1, EventType::TransactionCreated), (2, EventType::TransactionUpdated)])
    {
        assert_eq!(delivery.endpoint_id, endpoint);
        let at = if version == 1 { paid.created_at } else { paid.updated_at.unwrap() };
        assert_eq!(delivery.id, DeliveryId::of(&endpoint, paid.id.as_str(), version, at));
        assert_eq!((delivery.event, delivery.status, delivery.attempts), (event, DeliveryStatus::Pending, 0));
        assert_eq!(delivery.correlation_id.as_deref(), Some("corr-1"));
        if version == 2 {
            let record = TransactionRecord::new(&paid, &workshop.merchant.zone);
            assert_eq!(delivery.body, serde_json::json!({"transactions": [record]}).to_string());
        }
    }
}

#[tokio::test]
async fn batches_that_come_again_make_no_new_deliveries_and_change_no_body() {
    let workshop = Workshop::open().await;
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop.paid_payment().await;
    let changes = workshop.transaction_changes();
    let first = workshop.told(changes.clone()).await;
    let rows = workshop.stage.count("WebhooksTable");
    workshop.stage.clock.advance_seconds(60);
    for (change, frozen) in changes.into_iter().zip(first).rev() {
        assert_eq!(workshop.told(vec![change]).await, [frozen]);
    }
    assert_eq!(workshop.stage.count("WebhooksTable"), rows);
}

#[tokio::test]
async fn only_enabled_endpoints_of_the_merchant_hear_of_what_they_asked_for() {
    let workshop = Workshop::open().await;
    let (stage, merchant) = (&workshop.stage, &workshop.merchant);
    let other = stage.add_merchant("other").await;
    let updates =
        stage.add_endpoint(merchant, EndpointStatus::Enabled, &[EventType::TransactionUpdated]).await;
    stage.add_endpoint(merchant, EndpointStatus::Disabled, EventType::DEFAULT).await;
    stage.add_endpoint(merchant, EndpointStatus::Enabled, &[EventType::ReconciliationCompleted]).await;
    stage.add_endpoint(&other, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop.paid_payment().await;
    let told = workshop.told(workshop.transaction_changes()).await;
    let told: Vec<_> = told.into_iter().map(|delivery| delivery.endpoint_id).collect();
    assert_eq!(told, [updates]);
}

#[tokio::test]
async fn a_queue_that_fails_fails_the_batch_and_the_next_try_completes_it() {
    let workshop = Workshop::open().await;
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop.paid_payment().await;
    workshop.stage.webhook_deliveries.fail_next(1);
    workshop.planner().plan(workshop.transaction_changes()).await.unwrap_err();
    assert_eq!(workshop.told(workshop.transaction_changes()).await.len(), 2);
}

#[tokio::test]
async fn what_the_queue_does_not_take_of_a_batch_is_left_to_the_sweep() {
    let workshop = Workshop::open().await;
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop.paid_payment().await;
    workshop.stage.webhook_deliveries.refuse_next(u64::MAX);
    assert!(workshop.told(workshop.transaction_changes()).await.is_empty());
    workshop.stage.clock.advance_seconds(300);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(taken(&workshop.stage.webhook_retries).len(), 2);
}

#[tokio::test]
async fn a_merchant_that_cannot_be_read_keeps_no_other_from_hearing_its_news() {
    let workshop = Workshop::open().await;
    let (stage, merchant) = (&workshop.stage, &workshop.merchant);
    let other = stage.add_merchant("other").await;
    for merchant in [merchant, &other] {
        stage.add_endpoint(merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    }
    stage.add_transaction(&other, builders::draft("INV0046")).await;
    workshop.paid_payment().await;
    stage.spoil("MerchantsTable", "zone", |item| item["id"]["S"] == other.id.as_str());
    let outcome = workshop.planner().plan(workshop.transaction_changes()).await;
    assert!(matches!(outcome, Err(StoreError::Corrupt { .. })), "somebody has to know of it: {outcome:?}");
    let told: Vec<_> = workshop.queued().await.into_iter().map(|delivery| delivery.merchant_id).collect();
    assert_eq!(told, [merchant.id.clone(), merchant.id.clone()]);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_read_keeps_no_other_from_hearing_the_news() {
    let workshop = Workshop::open().await;
    let (stage, merchant) = (&workshop.stage, &workshop.merchant);
    let spoilt = stage.add_endpoint(merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    let other = stage.add_endpoint(merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop.paid_payment().await;
    stage.spoil("WebhooksTable", "status", |item| item["id"]["S"] == spoilt.as_str());
    let outcome = workshop.planner().plan(workshop.transaction_changes()).await;
    assert!(matches!(outcome, Err(StoreError::Corrupt { .. })), "somebody has to know of it: {outcome:?}");
    let told: Vec<_> = workshop.queued().await.into_iter().map(|delivery| delivery.endpoint_id).collect();
    assert_eq!(told, [other.clone(), other]);
}

/// A whole batch of a stream: each delivery is one write, ten pointers are one message to the queue.
#[tokio::test]
async fn a_full_batch_reads_once_and_sends_in_batches() {
    let workshop = Workshop::open().await;
    let merchant = &workshop.merchant;
    for _ in 0..3 {
        workshop.stage.add_endpoint(merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
        workshop.stage.clock.advance_seconds(1);
    }
    let created = |number| {
        let draft = builders::draft(&format!("INV{number:04}"));
        RecordChange::Created(Box::new(draft.into_transaction(
            merchant,
            workshop.stage.clock.now(),
            "corr-1",
        )))
    };
    workshop.stage.faults.kill_before(i64::MAX);
    workshop.planner().plan((0..100).map(created).collect()).await.unwrap();
    assert_eq!(workshop.stage.faults.operations(), 2 + 300 + 30);
    let ids: BTreeSet<_> = taken(&workshop.stage.webhook_deliveries)
        .into_iter()
        .map(|(pointer, _)| pointer.key.delivery_id.to_string())
        .collect();
    assert_eq!(ids.len(), 300);
}

/// A planner that is cut off between freezing and queueing: no index knows of it, and the stream brings the batch again.
#[tokio::test]
async fn what_was_frozen_and_not_queued_is_queued_by_the_next_try() {
    let workshop = Workshop::open().await;
    workshop.stage.add_endpoint(&workshop.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    workshop.paid_payment().await;
    // Behind the reads of endpoints and merchant, and both deliveries.
    workshop.stage.faults.kill_before(4);
    workshop.planner().plan(workshop.transaction_changes()).await.unwrap_err();
    assert!(workshop.stage.faults.restart());
    assert!(workshop.queued().await.is_empty() && workshop.in_index().await.is_empty());
    assert_eq!(workshop.told(workshop.transaction_changes()).await.len(), 2);
}

/// What somebody does with an endpoint between two tries to plan a batch.
const CHANGES: [fn(&mut Endpoint); 5] = [
    |_| {},
    |endpoint| {
        let disabled = Disabled { at: builders::at("2026-11-20T08:00:00Z"), reason: DisabledReason::Gone };
        (endpoint.status, endpoint.disabled) = (EndpointStatus::Disabled, Some(disabled));
    },
    |endpoint| endpoint.events = vec![EventType::ProviderStatusChanged],
    |endpoint| endpoint.delivering.batching = Some(Batching { max_records: 10, max_seconds: 5 }),
    |endpoint| endpoint.delivering.batching = None,
];

/// Plans changes in a process that is killed, and once more after the endpoint was changed; answers how many operations the first
/// try was.
async fn planned_again(kill: i64, change: fn(&mut Endpoint), gathers: bool) -> i64 {
    let (workshop, receiver) = (Workshop::open().await, Receiver::answering(&[]).await);
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    if gathers {
        let batching = Some(Batching { max_records: 10, max_seconds: 5 });
        workshop.change(&endpoint, |endpoint| endpoint.delivering.batching = batching).await;
    }
    workshop.paid_payment().await;
    let changes = workshop.transaction_changes();
    workshop.stage.faults.kill_before(kill);
    drop(workshop.planner().plan(changes.clone()).await);
    let operations = workshop.stage.faults.operations();
    workshop.stage.faults.restart();
    workshop.change(&endpoint, change).await;
    workshop.planner().plan(changes).await.unwrap();
    workshop.work().await;
    for row in workshop.rows("WebhooksTable") {
        let status = row.get("status").filter(|_| row["sk"].starts_with("whd_"));
        let is_left = status.is_some_and(|status| ["PENDING", "GATHERING"].contains(&status.as_str()));
        assert!(!is_left, "killed before {kill}: nobody comes for {row:?}");
    }
    operations
}

#[tokio::test]
async fn what_was_frozen_is_told_or_parked_whatever_becomes_of_its_endpoint_before_it_is_queued() {
    for (number, change) in CHANGES.into_iter().enumerate() {
        for gathers in [false, true] {
            let operations = planned_again(i64::MAX, change, gathers).await;
            assert!(operations >= 5, "change {number}: {operations} operations");
            for kill in 0..operations {
                planned_again(kill, change, gathers).await;
            }
        }
    }
}
