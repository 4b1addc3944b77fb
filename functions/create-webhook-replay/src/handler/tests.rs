//! Against the real store code on an in-process DynamoDB, with queues in memory.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::{DeliveryId, TransactionId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint, EventType};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With an endpoint and two deliveries to it that are over; the first failed and is of a transaction.
async fn open() -> (TestDoor<Deps>, EndpointId) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let endpoint = endpoint(&door, EndpointStatus::Enabled, b"endpoint").await;
    let transaction = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    for (version, status) in [(1, DeliveryStatus::Failed), (2, DeliveryStatus::Delivered)] {
        let at = door.stage.clock.now();
        let id = DeliveryId::of(&endpoint, transaction.id.as_str(), version, at);
        let of = (endpoint.clone(), door.merchant.id.clone());
        let delivery = Delivery {
            status,
            transaction_id: (version == 1).then(|| transaction.id.clone()),
            http_status: Some(if version == 1 { 503 } else { 200 }),
            attempts: 1,
            ..Delivery::new(id, of, EventType::TransactionCreated, "{}".to_owned(), at)
        };
        door.stage.deliveries().plan(&delivery).await.unwrap();
    }
    door.stage.clock.advance_seconds(60);
    (door, endpoint)
}

async fn endpoint(door: &TestDoor<Deps>, status: EndpointStatus, name: &[u8]) -> EndpointId {
    let id = EndpointId::derived("test", &[name]);
    let (url, now) = ("https://shop.example/hooks".to_owned(), door.stage.clock.now());
    let events = EventType::DEFAULT.to_vec();
    let endpoint = Endpoint { status, ..Endpoint::new(id, door.merchant.id.clone(), url, events, now) };
    let stored = StoredEndpoint { endpoint, sealed_secret: "sealed".to_owned(), previous_secret: None };
    door.stage.endpoints().create(&stored).await.unwrap();
    stored.endpoint.id
}

fn replaying(door: &TestDoor<Deps>, endpoint: &EndpointId, body: &Value) -> ApiRequest {
    let request = door.request(Role::Merchant).with_path_parameter("id", endpoint.as_str());
    request.with_body(body.to_string())
}

#[tokio::test]
async fn what_is_over_is_counted_and_its_first_step_queued() {
    let (door, endpoint) = open().await;
    let answer = door.answer(replaying(&door, &endpoint, &json!({"from": "2026-11-20"}))).await.unwrap();
    let replay = answer.body_json()["replay"].clone();
    assert_eq!(
        (answer.status.as_u16(), &replay["state"], &replay["counted"]),
        (201, &json!("RUNNING"), &json!(2))
    );
    let [message] = door.stage.webhook_retries.take().try_into().unwrap();
    let errand: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!(errand, json!({"errand": "replay", "endpoint_id": endpoint, "replay_id": replay["id"]}));
    assert_eq!(message.group.as_deref(), Some(endpoint.as_str()));
}

#[tokio::test]
async fn the_body_narrows_it() {
    let (door, endpoint) = open().await;
    let transaction = TransactionId::of(&door.merchant.id, "INV0045", 1);
    let cases = [
        (json!({"from": "2026-11-20", "until": "2026-11-20"}), 2),
        (json!({"from": "2026-11-20 15:00:00", "until": "2026-11-20 15:00:00"}), 2),
        (json!({"from": "2026-11-20T08:00:01Z"}), 0),
        (json!({"from": "2026-11-20", "status": "FAILED"}), 1),
        (json!({"from": "2026-11-20", "http_class": "5xx"}), 1),
        (json!({"from": "2026-11-20", "event": "transaction.updated"}), 0),
        (json!({"transaction_id": transaction}), 1),
        (json!({"transaction_id": transaction, "status": "DELIVERED"}), 0),
        (json!({"delivery_id": DeliveryId::first_at(door.stage.clock.now())}), 0),
    ];
    for (mut body, expected) in cases {
        body["dry_run"] = json!(true);
        let answer = door.answer(replaying(&door, &endpoint, &body)).await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.body_json()["counted"].clone()),
            (200, json!(expected)),
            "{body}"
        );
    }
    assert!(door.stage.webhook_retries.take().is_empty());
    let nothing = door.body(replaying(&door, &endpoint, &json!({"from": "2026-11-20T08:00:01Z"}))).await;
    assert_eq!(
        (&nothing["replay"]["state"], &nothing["replay"]["counted"]),
        (&json!("COMPLETED"), &json!(0))
    );
    assert!(door.stage.webhook_retries.take().is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (door, endpoint) = open().await;
    let elsewhere = TransactionId::of(&builders::merchant("other").id, "INV0045", 1);
    let cases = [
        ("from", json!({})),
        ("from", json!({"status": "FAILED", "until": "2026-11-20"})),
        ("from", json!({"from": "soon"})),
        ("from", json!({"from": "2026-11-21"})),
        ("from", json!({"from": "2026-11-20", "until": "2026-11-19"})),
        ("from", json!({"from": "2026-10-20"})),
        ("until", json!({"from": "2026-11-20", "until": 7})),
        ("delivery_id", json!({"delivery_id": "whd_1"})),
        ("transaction_id", json!({"transaction_id": "INV0045"})),
        ("transaction_id", json!({"transaction_id": elsewhere})),
        ("status", json!({"from": "2026-11-20", "status": "PARKED"})),
        ("event", json!({"from": "2026-11-20", "event": "lost"})),
        ("http_class", json!({"from": "2026-11-20", "http_class": "1xx"})),
        ("dry_run", json!({"from": "2026-11-20", "dry_run": "yes"})),
        ("colour", json!({"from": "2026-11-20", "colour": 1})),
    ];
    for (parameter, body) in cases {
        let refused = door.refused_parameter(replaying(&door, &endpoint, &body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert!(door.stage.webhook_retries.take().is_empty());
}

#[tokio::test]
async fn an_endpoint_is_the_merchants_own_and_switched_on() {
    let (door, id) = open().await;
    let body = json!({"from": "2026-11-20"});
    let foreign = door.foreign_caller(Role::Merchant).await;
    let refused = door.refusal(replaying(&door, &id, &body).with_caller(&foreign)).await;
    assert_eq!((refused.status(), refused.message()), (404, "no such webhook endpoint"));
    let off = endpoint(&door, EndpointStatus::Disabled, b"off").await;
    let refused = door.refusal(replaying(&door, &off, &body)).await;
    assert_eq!((refused.status(), refused.code()), (409, "endpoint_disabled"));
    let paused = endpoint(&door, EndpointStatus::Paused, b"paused").await;
    assert!(door.answer(replaying(&door, &paused, &body)).await.is_ok());
    door.lets_in_those_with(Scope::WebhooksWrite, &replaying(&door, &id, &body)).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("outage", 201), ("dry-run", 200), ("without-a-range", 422)];
    open().await.0.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_replay() {
    let (door, endpoint) = open().await;
    door.creates_once("WebhooksTable", &replaying(&door, &endpoint, &json!({"from": "2026-11-20"}))).await;
}
