//! Against the real store code on an in-process DynamoDB, with the events of its own stream.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::{DeliveryStatus, EndpointStatus};
use paywarden_store::transactions::Expected;
use paywarden_testing::{TestStage, builders, events};

use super::*;

struct Fixture {
    stage: TestStage,
    planner: Planner,
    merchant: Merchant,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let planner = stage.planner();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        Self { stage, planner, merchant }
    }

    async fn endpoint(
        &self,
        merchant: &Merchant,
        status: EndpointStatus,
        events: &[EventType],
    ) -> EndpointId {
        self.stage.add_endpoint(merchant, status, events).await
    }

    async fn paid_payment(&self) -> Transaction {
        let recorded = self.stage.add_transaction(&self.merchant, builders::draft("INV0045")).await;
        let provider = builders::provider(&self.merchant, ProviderType::Xendit);
        let report = builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z");
        let next =
            apply(&recorded, &report, &builders::origin(&provider, "2026-11-20T08:00:01Z")).next.unwrap();
        self.stage.write(&next, Expected::Version(1)).await;
        next
    }

    fn pointers(&self) -> Vec<(Pointer, Option<String>)> {
        let messages = self.stage.webhook_deliveries.take().into_iter();
        messages.map(|message| (serde_json::from_str(&message.body).unwrap(), message.group)).collect()
    }
}

#[tokio::test]
async fn each_change_is_frozen_in_the_documents_shape_and_then_queued() {
    let fixture = Fixture::new().await;
    let endpoint = fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    let paid = fixture.paid_payment().await;
    handle(&fixture.planner, fixture.stage.transaction_changes()).await.unwrap();
    let pointers = fixture.pointers();
    assert_eq!(pointers.len(), 2);
    for ((pointer, group), (version, event)) in
        pointers.into_iter().zip([(1, EventType::TransactionCreated), (2, EventType::TransactionUpdated)])
    {
        assert_eq!((pointer.attempt, group.as_deref()), (1, Some(endpoint.as_str())));
        assert_eq!(pointer.delivery_id, DeliveryId::of(&endpoint, paid.id.as_str(), version));
        let delivery = fixture.planner.deliveries.find(&pointer.delivery_id).await.unwrap().unwrap();
        assert_eq!((delivery.event, delivery.status, delivery.attempts), (event, DeliveryStatus::Pending, 0));
        assert_eq!(delivery.correlation_id.as_deref(), Some("corr-1"));
        if version == 2 {
            let record = TransactionRecord::new(&paid, &fixture.merchant.zone);
            assert_eq!(delivery.body, serde_json::json!({"transactions": [record]}).to_string());
        }
    }
}

#[tokio::test]
async fn batches_that_come_again_make_no_new_deliveries_and_change_no_body() {
    let fixture = Fixture::new().await;
    fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    fixture.paid_payment().await;
    let whole = fixture.stage.transaction_changes();
    handle(&fixture.planner, whole.clone()).await.unwrap();
    let first = fixture.pointers();
    let rows = fixture.stage.count("WebhooksTable");
    let id = &first[1].0.delivery_id;
    let frozen = fixture.planner.deliveries.find(id).await.unwrap();
    fixture.stage.clock.advance_seconds(60);
    for record in whole.records.iter().rev() {
        let mut cut = whole.clone();
        cut.records = vec![record.clone()];
        handle(&fixture.planner, cut).await.unwrap();
    }
    assert_eq!(fixture.stage.count("WebhooksTable"), rows);
    assert_eq!(fixture.planner.deliveries.find(id).await.unwrap(), frozen);
}

#[tokio::test]
async fn only_enabled_endpoints_of_the_merchant_hear_of_what_they_asked_for() {
    let fixture = Fixture::new().await;
    let other = fixture.stage.add_merchant("other").await;
    let updates =
        fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, &[EventType::TransactionUpdated]).await;
    fixture.endpoint(&fixture.merchant, EndpointStatus::Disabled, EventType::DEFAULT).await;
    fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, &[EventType::ReconciliationCompleted]).await;
    fixture.endpoint(&other, EndpointStatus::Enabled, EventType::DEFAULT).await;
    fixture.paid_payment().await;
    handle(&fixture.planner, fixture.stage.transaction_changes()).await.unwrap();
    let groups: Vec<_> = fixture.pointers().into_iter().map(|(_, group)| group.unwrap()).collect();
    assert_eq!(groups, [updates.to_string()]);
}

#[tokio::test]
async fn a_write_that_no_reader_could_notice_tells_nothing() {
    let fixture = Fixture::new().await;
    fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, &[EventType::TransactionUpdated]).await;
    let recorded = fixture.stage.add_transaction(&fixture.merchant, builders::draft("INV0045")).await;
    let counted = Transaction { version: 2, occurrences: 2, ..recorded };
    fixture.stage.write(&counted, Expected::Version(1)).await;
    handle(&fixture.planner, fixture.stage.transaction_changes()).await.unwrap();
    assert!(fixture.pointers().is_empty());
}

#[tokio::test]
async fn a_queue_that_fails_fails_the_batch_and_the_next_try_completes_it() {
    let fixture = Fixture::new().await;
    fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
    fixture.paid_payment().await;
    fixture.stage.webhook_deliveries.fail_next(1);
    assert!(handle(&fixture.planner, fixture.stage.transaction_changes()).await.is_err());
    handle(&fixture.planner, fixture.stage.transaction_changes()).await.unwrap();
    assert_eq!(fixture.pointers().len(), 2);
}

#[tokio::test]
async fn samples_are_handled() {
    let expected = [("created-and-paid", Ok(2)), ("not-a-record", Err(()))];
    let mut handled = Vec::new();
    for (case, event) in events::parsed::<Event>("dispatch-transaction-webhooks") {
        let fixture = Fixture::new().await;
        fixture.endpoint(&fixture.merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
        let outcome = handle(&fixture.planner, event).await;
        handled.push((case, outcome.map(|()| fixture.pointers().len()).map_err(|_| ())));
    }
    assert_eq!(handled, expected.map(|(case, outcome)| (case.to_owned(), outcome)));
}
