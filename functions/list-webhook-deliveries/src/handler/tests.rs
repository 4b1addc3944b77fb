//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, EventType};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a webhook endpoint that was told as many things, one a minute, and the request for them.
async fn open(count: u32) -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let endpoint = builders::endpoint(&door.merchant);
    let request = door.request(Role::Engineering).with_path_parameter("id", endpoint.id.as_str());
    for number in 1..=count {
        door.stage.deliveries().plan(&builders::delivery(&endpoint, number)).await.unwrap();
    }
    door.stage.add_this_endpoint(endpoint).await;
    (door, request)
}

fn delivery(door: &TestDoor<Deps>, number: u32) -> Delivery {
    builders::delivery(&builders::endpoint(&door.merchant), number)
}

async fn fail(door: &TestDoor<Deps>, number: u32, http_status: u16) {
    let (delivery, attempt) = (delivery(door, number), builders::failed_attempt(1, http_status));
    door.stage.deliveries().book(&delivery, &attempt, NextStep::GiveUp, false).await.unwrap();
}

fn ids(body: &Value) -> Vec<Value> {
    body["deliveries"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
}

fn expected(door: &TestDoor<Deps>, numbers: &[u32]) -> Vec<Value> {
    numbers.iter().map(|number| json!(delivery(door, *number).id)).collect()
}

#[tokio::test]
async fn the_newest_comes_first_and_pages_follow_each_other() {
    let (door, request) = open(5).await;
    let pages = door.pages(request.with_query("limit=2")).await;
    let shown: Vec<_> = pages.iter().map(ids).collect();
    assert_eq!(shown.concat(), expected(&door, &[5, 4, 3, 2, 1]));
    assert!(shown.iter().all(|page| page.len() <= 2));
}

#[tokio::test]
async fn a_delivery_is_shown_with_what_came_of_it() {
    let (door, request) = open(1).await;
    fail(&door, 1, 503).await;
    let delivery = delivery(&door, 1);
    let expected = json!({
        "id": delivery.id,
        "event": "transaction.updated",
        "status": "FAILED",
        "transaction_id": delivery.transaction_id,
        "version": 1,
        "attempts": 1,
        "http_status": 503,
        "error": "http_status",
        "created_at": "2026-11-20T15:01:00.000+07:00",
        "next_attempt_at": null,
        "last_attempt_at": "2026-11-20T15:00:00.250+07:00",
        "batch_id": null,
        "members": [],
        "replay_id": null,
    });
    assert_eq!(door.body(request).await["deliveries"], json!([expected]));
}

#[tokio::test]
async fn filters_narrow_it() {
    let (door, request) = open(4).await;
    fail(&door, 2, 503).await;
    fail(&door, 3, 404).await;
    let transaction = delivery(&door, 4).transaction_id.unwrap();
    for (query, numbers) in [
        ("status=FAILED".to_owned(), &[3, 2][..]),
        ("status=PENDING".to_owned(), &[4, 1]),
        ("http_class=5xx".to_owned(), &[2]),
        ("http_class=4xx&status=FAILED".to_owned(), &[3]),
        ("event=webhook.test".to_owned(), &[]),
        (format!("transaction_id={transaction}"), &[4]),
        ("from=2026-11-20 15:03:00".to_owned(), &[4, 3]),
        ("until=2026-11-20 15:02:00".to_owned(), &[2, 1]),
        ("from=2026-11-20&until=2026-11-20".to_owned(), &[4, 3, 2, 1]),
        ("until=2026-11-19".to_owned(), &[]),
    ] {
        let mut shown = Vec::new();
        for page in door.pages(request.clone().with_query(&query.replace(' ', "%20"))).await {
            shown.extend(ids(&page));
        }
        assert_eq!(shown, expected(&door, numbers), "{query}");
    }
}

#[tokio::test]
async fn every_word_is_known() {
    let (door, request) = open(1).await;
    let words = DeliveryStatus::WORDS.iter().map(|word| ("status", *word));
    let words = words.chain(EventType::WORDS.iter().map(|word| ("event", *word)));
    let classes = ["2xx", "3xx", "4xx", "5xx"].map(|class| ("http_class", class));
    for (name, word) in words.chain(classes) {
        door.body(request.clone().with_query(&format!("{name}={word}"))).await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (door, request) = open(1).await;
    for (query, refused) in [
        ("statsu=FAILED", (400, "statsu")),
        ("status=LOST", (422, "status")),
        ("event=lost", (422, "event")),
        ("http_class=500", (422, "http_class")),
        ("transaction_id=whd_1", (400, "transaction_id")),
        ("from=noon", (400, "from")),
        ("from=2026-11-21&until=2026-11-20", (400, "from")),
        ("limit=0", (400, "limit")),
    ] {
        let found = door.refused_parameter(request.clone().with_query(query)).await;
        assert_eq!(found, (refused.0, refused.1.to_owned()), "{query}");
    }
    let first = door.body(open(3).await.1.with_query("limit=1")).await;
    let other = first["next_cursor"].as_str().map(|cursor| format!("status=FAILED&cursor={cursor}"));
    let other = other.unwrap_or_else(|| "cursor=nonsense".to_owned());
    assert_eq!(door.refusal(request.with_query(&other)).await.status(), 400);
}

#[tokio::test]
async fn another_merchants_endpoint_is_as_if_it_did_not_exist() {
    let (door, request) = open(1).await;
    let foreign = door.foreign_caller(Role::Engineering).await;
    let absent = request.clone().with_path_parameter("id", "whe_00000000000000000000000000");
    let theirs = door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let (door, request) = open(1).await;
    door.lets_in_those_with(Scope::WebhooksRead, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, _) = open(2).await;
    fail(&door, 1, 503).await;
    door.samples_are_answered(&[("failed", 200), ("first-page", 200), ("unknown-status", 422)]).await;
}
