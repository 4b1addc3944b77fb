//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::Endpoint;
use paywarden_domain::webhook::delivery::{DeliveryKey, Pointer};
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With a webhook endpoint of this status, and the request to try it out.
async fn open(status: EndpointStatus) -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let endpoint = Endpoint { status, ..builders::endpoint(&door.merchant) };
    let request = door.request(Role::Engineering).with_path_parameter("id", endpoint.id.as_str());
    door.stage.add_this_endpoint(endpoint).await;
    (door, request)
}

#[tokio::test]
async fn an_event_is_frozen_and_queued() {
    let (door, request) = open(EndpointStatus::Enabled).await;
    let answer = door.answer(request).await.unwrap();
    let shown = answer.body_json()["delivery"].clone();
    assert_eq!((answer.status.as_u16(), &shown["event"]), (202, &json!("webhook.test")));
    assert_eq!((&shown["status"], &shown["attempts"]), (&json!("PENDING"), &json!(0)));
    let endpoint_id = builders::endpoint(&door.merchant).id;
    let delivery_id = serde_json::from_value(shown["id"].clone()).unwrap();
    let key = DeliveryKey { endpoint_id, delivery_id };
    let delivery = door.stage.deliveries().find(&key).await.unwrap().unwrap();
    let body: Value = serde_json::from_str(&delivery.body).unwrap();
    let expected = json!({"event": "webhook.test", "webhook_endpoint": {"id": key.endpoint_id},
        "sent_at": "2026-11-20T15:00:00.000+07:00"});
    assert_eq!(body, expected);
    let message = door.stage.queue("WebhookRetriesQueue").take().remove(0);
    let pointer: Pointer = serde_json::from_str(&message.body).unwrap();
    assert_eq!((pointer, message.delay_seconds), (Pointer { key, attempt: 1 }, 0));
}

#[tokio::test]
async fn each_is_another_event() {
    let (door, request) = open(EndpointStatus::Enabled).await;
    let (first, second) = (door.body(request.clone()).await, door.body(request).await);
    assert_ne!(first["delivery"]["id"], second["delivery"]["id"]);
}

#[tokio::test]
async fn one_whose_message_is_lost_is_found_again() {
    let (door, request) = open(EndpointStatus::Enabled).await;
    door.stage.queue("WebhookRetriesQueue").fail_next(1);
    assert_eq!(door.refusal(request).await.status(), 503);
    let later = door.stage.clock().now().plus_seconds(900);
    let mut due = Vec::new();
    for shard in 0..paywarden_store::webhooks::DUE_SHARDS {
        due.extend(door.stage.deliveries().due(shard, later, 10, None).await.unwrap().due);
    }
    assert_eq!(due.len(), 1);
}

#[tokio::test]
async fn one_that_is_told_nothing_is_sent_none() {
    for status in [EndpointStatus::Paused, EndpointStatus::Disabled] {
        let (door, request) = open(status).await;
        let problem = door.refusal(request).await;
        assert_eq!((problem.status(), problem.code()), (409, "endpoint_not_enabled"));
        assert_eq!(door.stage.count("WebhooksTable"), 1);
    }
}

#[tokio::test]
async fn another_merchants_endpoint_is_as_if_it_did_not_exist() {
    let (door, request) = open(EndpointStatus::Enabled).await;
    let foreign = door.foreign_caller(Role::Engineering).await;
    let absent = request.clone().with_path_parameter("id", "whe_00000000000000000000000000");
    let theirs = door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
}

#[tokio::test]
async fn trying_out_needs_the_scope() {
    let (door, request) = open(EndpointStatus::Enabled).await;
    door.lets_in_those_with(Scope::WebhooksWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, _) = open(EndpointStatus::Enabled).await;
    door.samples_are_answered(&[("sent", 202), ("unknown", 404)]).await;
}
