//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::request;
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With a delivery of a webhook endpoint, and the request for it.
async fn open() -> (TestDoor<Deps>, Delivery, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let endpoint = builders::endpoint(&door.merchant);
    let id = DeliveryId::parse("whd_01kagm5zg0w8h2d6f0j4m9q3s7").unwrap();
    let delivery = Delivery { id, ..builders::delivery(&endpoint, 1) };
    let request = door.request(Role::Engineering).with_path_parameter("id", endpoint.id.as_str());
    let request = request.with_path_parameter("delivery_id", delivery.id.as_str());
    door.stage.deliveries().plan(&delivery).await.unwrap();
    door.stage.add_this_endpoint(endpoint).await;
    (door, delivery, request)
}

#[tokio::test]
async fn one_that_was_not_attempted_yet_has_its_body() {
    let (door, delivery, request) = open().await;
    let shown = door.body(request).await["delivery"].clone();
    assert_eq!((&shown["body"], &shown["attempt_log"]), (&json!(delivery.body), &json!([])));
    assert_eq!((&shown["id"], &shown["last_attempt_at"]), (&json!(delivery.id), &Value::Null));
}

#[tokio::test]
async fn every_attempt_is_shown_with_what_was_sent_and_answered() {
    let (door, delivery, request) = open().await;
    let retry = NextStep::RetryAt(builders::at("2026-11-20T08:05:00Z"));
    let refused = builders::failed_attempt(1, 503);
    door.stage.deliveries().book(&delivery, &refused, retry, false).await.unwrap();
    let unsent = paywarden_domain::webhook::Attempt { signature: None, ..builders::failed_attempt(2, 500) };
    let delivery = Delivery { attempts: 1, ..delivery };
    door.stage.deliveries().book(&delivery, &unsent, NextStep::GiveUp, false).await.unwrap();
    let shown = door.body(request).await["delivery"].clone();
    let headers = json!({
        "content-type": "application/json",
        "user-agent": request::USER_AGENT,
        "webhook-id": delivery.id,
        "webhook-timestamp": "1795161600",
        "webhook-signature": "v1,c2lnbmF0dXJl",
    });
    let first = json!({"number": 1, "at": "2026-11-20T15:00:00.250+07:00", "duration_ms": 12, "http_status": 503,
        "error": "http_status", "response": "try later", "request_headers": headers});
    assert_eq!(shown["attempt_log"][0], first);
    let second = &shown["attempt_log"][1];
    assert_eq!((&second["number"], &second["request_headers"]), (&json!(2), &Value::Null));
    assert_eq!((&shown["attempts"], &shown["status"]), (&json!(2), &json!("FAILED")));
}

#[tokio::test]
async fn what_is_another_merchants_or_another_endpoints_does_not_exist() {
    let (door, _, request) = open().await;
    let foreign = door.foreign_caller(Role::Engineering).await;
    assert_eq!(door.refusal(request.clone().with_caller(&foreign)).await.status(), 404);
    for (name, id, status) in [
        ("id", "whe_00000000000000000000000000", 404),
        ("delivery_id", "whd_00000000000000000000000000", 404),
        ("delivery_id", "whe_00000000000000000000000000", 400),
    ] {
        let other = request.clone().with_path_parameter(name, id);
        assert_eq!(door.refusal(other).await.status(), status, "{id}");
    }
}

#[tokio::test]
async fn looking_needs_the_scope() {
    let (door, _, request) = open().await;
    door.lets_in_those_with(Scope::WebhooksRead, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, delivery, _) = open().await;
    let attempt = builders::failed_attempt(1, 503);
    door.stage.deliveries().book(&delivery, &attempt, NextStep::GiveUp, false).await.unwrap();
    door.samples_are_answered(&[("answered", 200), ("unknown", 404)]).await;
}
