//! Planning, over the changes of transactions: who hears of them, frozen once.

use paywarden_domain::id::DeliveryId;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::webhook::{DeliveryStatus, EndpointStatus, EventType};

use crate::workshop::Workshop;

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
        assert_eq!(delivery.id, DeliveryId::of(&endpoint, paid.id.as_str(), version));
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
