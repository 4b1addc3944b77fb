//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::health::{Ended, Health};
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a webhook endpoint, and the request for it.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let endpoint = builders::endpoint(&door.merchant);
    let request = door.request(Role::Engineering).with_path_parameter("id", endpoint.id.as_str());
    door.stage.add_this_endpoint(endpoint).await;
    (door, request)
}

#[tokio::test]
async fn one_that_was_told_nothing_yet_is_shown_without_its_secret() {
    let (door, request) = open().await;
    let answer = door.answer(request).await.unwrap();
    assert!(!answer.body.contains("secret\""), "{}", answer.body);
    assert_eq!(answer.headers["etag"], "\"1\"");
    let shown = &answer.body_json()["webhook_endpoint"];
    let expected = json!({
        "last_success_at": null,
        "last_failure_at": null,
        "failing_since": null,
        "consecutive_failures": 0,
        "attempts_last_day": 0,
        "succeeded_last_day": 0,
        "success_share_last_day": null,
        "breaker": "CLOSED",
        "next_probe_at": null,
        "parked": 0,
    });
    assert_eq!((&shown["health"], &shown["created_at"]), (&expected, &json!("2026-11-01 09:00:00")));
}

#[tokio::test]
async fn how_it_does_is_shown_beside_what_it_is_set_to() {
    let (door, request) = open().await;
    let endpoint = builders::endpoint(&door.merchant);
    let healths = door.stage.stores().endpoint_healths().unwrap();
    let (at, schedule) = (door.stage.clock().now(), RetrySchedule::parse("60").unwrap());
    let health = Health::default().after(Ended { at, succeeded: 2, failed: 0 }, &schedule);
    let health = health.after(Ended { at, succeeded: 0, failed: 5 }, &schedule);
    healths.write(&door.merchant.id, &endpoint.id, &Default::default(), &health, None).await.unwrap();
    for number in 1..=3 {
        let delivery = builders::delivery(&endpoint, number);
        door.stage.deliveries().plan(&delivery).await.unwrap();
        door.stage.deliveries().park(&delivery).await.unwrap();
    }
    let shown = door.body(request).await["webhook_endpoint"]["health"].clone();
    for (name, expected) in [
        ("last_success_at", json!("2026-11-20 15:00:00")),
        ("failing_since", json!("2026-11-20 15:00:00")),
        ("consecutive_failures", json!(5)),
        ("attempts_last_day", json!(7)),
        ("success_share_last_day", json!("0.2857")),
        ("breaker", json!("OPEN")),
        ("next_probe_at", json!("2026-11-20 15:01:00")),
        ("parked", json!(3)),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
}

#[tokio::test]
async fn another_merchants_endpoint_is_as_if_it_did_not_exist() {
    let (door, request) = open().await;
    let foreign = door.foreign_caller(Role::Engineering).await;
    let absent = request.clone().with_path_parameter("id", "whe_00000000000000000000000000");
    let theirs = door.refusal(request.clone().with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
    let nonsense = request.with_path_parameter("id", "tra_00000000000000000000000000");
    assert_eq!(door.refused_parameter(nonsense).await, (400, "id".to_owned()));
}

#[tokio::test]
async fn looking_needs_the_scope() {
    let (door, request) = open().await;
    door.lets_in_those_with(Scope::WebhooksRead, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("answered", 200), ("unknown", 404)]).await;
}
