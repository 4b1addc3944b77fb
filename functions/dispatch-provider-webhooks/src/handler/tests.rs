//! Against the real store code on an in-process DynamoDB, with the events of its own stream.

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Actor, Provider, ProviderStatus, ProviderType};
use paywarden_domain::webhook::EndpointStatus;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_store::providers::StoredProvider;
use paywarden_testing::{TestStage, events};
use serde_json::{Value, json};

use super::*;

struct Fixture {
    stage: TestStage,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        stage.add_endpoint(&merchant, EndpointStatus::Enabled, &[EventType::ProviderStatusChanged]).await;
        stage.add_endpoint(&merchant, EndpointStatus::Enabled, EventType::DEFAULT).await;
        Self { stage, merchant, provider }
    }

    async fn change(&self, change: impl FnOnce(&mut Provider)) {
        let stored = self.stage.providers().find_latest(&self.merchant.id, &self.provider.id).await;
        let stored = stored.unwrap().unwrap();
        let mut next = stored.provider.clone();
        change(&mut next);
        let next = next.changed(self.stage.clock().now());
        let change = Change::between(Some(&stored.provider), &next, Actor::Automation, None);
        let version = stored.provider.version;
        let next = StoredProvider { provider: next, ..stored };
        self.stage.providers().replace(&next, version, &change).await.unwrap();
    }

    async fn dispatch(&self) -> Vec<Value> {
        handle(&self.stage.planner(), self.stage.provider_changes()).await.unwrap();
        let mut bodies = Vec::new();
        for message in self.stage.webhook_deliveries.take() {
            let pointer: Pointer = serde_json::from_str(&message.body).unwrap();
            let delivery = self.stage.deliveries().find(&pointer.delivery_id).await.unwrap().unwrap();
            assert_eq!((delivery.event, &delivery.transaction_id), (EventType::ProviderStatusChanged, &None));
            bodies.push(serde_json::from_str(&delivery.body).unwrap());
        }
        bodies
    }
}

#[tokio::test]
async fn a_change_of_status_is_told_to_those_who_asked_for_it() {
    let fixture = Fixture::new().await;
    fixture
        .change(|provider| {
            provider.standing.status = ProviderStatus::Maintenance;
            provider.standing.reason = "24 of the last 25 payments failed".to_owned();
        })
        .await;
    let [body] = fixture.dispatch().await.try_into().unwrap();
    assert_eq!(body["event"], "provider.status_changed");
    assert_eq!(body["provider"]["id"], fixture.provider.id.as_str());
    assert_eq!((&body["change"]["from"], &body["change"]["to"]), (&json!("ACTIVE"), &json!("MAINTENANCE")));
    assert_eq!(body["change"]["reason"], "24 of the last 25 payments failed");
}

#[tokio::test]
async fn other_changes_are_told_to_nobody_and_repeats_make_no_new_deliveries() {
    let fixture = Fixture::new().await;
    fixture.change(|provider| provider.name = "Xendit 2".to_owned()).await;
    assert_eq!(fixture.dispatch().await, Vec::<Value>::new());
    fixture.change(|provider| provider.standing.status = ProviderStatus::Inactive).await;
    let first = fixture.dispatch().await;
    let rows = fixture.stage.count("WebhooksTable");
    assert_eq!((fixture.dispatch().await, fixture.stage.count("WebhooksTable")), (first, rows));
}

#[tokio::test]
async fn samples_are_handled() {
    let expected = [("maintenance-by-monitoring", Ok(1)), ("not-a-change", Err(()))];
    let mut handled = Vec::new();
    for (case, event) in events::parsed::<Event>("dispatch-provider-webhooks") {
        let fixture = Fixture::new().await;
        let outcome = handle(&fixture.stage.planner(), event).await;
        let planned = fixture.stage.webhook_deliveries.take().len();
        handled.push((case, outcome.map(|()| planned).map_err(|_| ())));
    }
    assert_eq!(handled, expected.map(|(case, outcome)| (case.to_owned(), outcome)));
}
