//! The samples, through the door; what is told of them is tested in `shared/webhooks`.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::webhook::{EndpointStatus, EventType};
use paywarden_store::StoreError;
use paywarden_testing::{TestWorker, builders};

use super::*;

async fn open() -> TestWorker<Event, Result<(), StoreError>> {
    TestWorker::of_stream(env!("CARGO_PKG_NAME"), Planner::of, change, Planner::plan).await
}

#[tokio::test]
async fn samples_are_handled_and_what_cannot_be_read_is_put_aside() {
    let worker = open().await;
    worker.stage.add_endpoint(&worker.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    // How many deliveries an event leads to, unless its batch fails.
    let planned = |outcome: Result<_, _>| outcome.ok().map(|()| worker.stage.webhook_deliveries.take().len());
    worker
        .samples_come_to_what_is_told(&[("created-and-paid", Some(2)), ("not-a-record", Some(0))], planned)
        .await;
    let [aside] = worker.stage.objects.keys().try_into().unwrap();
    assert!(aside.starts_with("unreadable/dispatch-transaction-webhooks/"), "{aside}");
}

/// Of another row that cannot be read nobody knows here which record needs it: each of the batch is planned by itself.
#[tokio::test]
async fn a_change_whose_merchant_cannot_be_read_is_put_aside_and_no_other() {
    let worker = open().await;
    let (stage, other) = (&worker.stage, worker.stage.add_merchant("other").await);
    for merchant in [&worker.merchant, &other] {
        stage.add_endpoint(merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
        stage.add_transaction(merchant, builders::draft("INV0045")).await;
    }
    stage.spoil("MerchantsTable", "zone", |item| item["id"]["S"] == other.id.as_str());
    worker.handle(stage.transaction_changes()).await.unwrap();
    let [aside] = stage.objects.keys().try_into().unwrap();
    assert!(stage.objects.text(&aside).unwrap().contains(other.id.as_str()));
    assert!(!stage.webhook_deliveries.take().is_empty());
}
