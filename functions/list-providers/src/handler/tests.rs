//! Against the real store code on an in-process DynamoDB.

use std::collections::BTreeSet;

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::provider::monitor::Tally;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With three providers, one of them in maintenance.
async fn open() -> TestDoor<Deps> {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let mut resting = builders::provider(&door.merchant, ProviderType::Midtrans);
    resting.standing.status = ProviderStatus::Maintenance;
    resting.services = vec![Service::CreditCard];
    door.stage.add_this_provider(resting, &json!({})).await;
    for provider_type in [ProviderType::Xendit, ProviderType::Generic] {
        let credentials = json!({"callback_token": "secret-token"});
        door.stage.add_provider(&door.merchant, provider_type, &credentials).await;
    }
    door
}

fn asking(door: &TestDoor<Deps>, query: &str) -> ApiRequest {
    door.request(Role::Operations).with_query(query)
}

async fn names(door: &TestDoor<Deps>, query: &str) -> Vec<String> {
    let body = door.body(asking(door, query)).await;
    let name = |provider: &Value| provider["name"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = body["providers"].as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn filters_combine() {
    let door = open().await;
    assert_eq!(names(&door, "").await, ["generic", "midtrans", "xendit"]);
    assert_eq!(names(&door, "search=EN").await, ["generic", "xendit"]);
    assert_eq!(names(&door, "search=midtrans&status=ACTIVE").await, Vec::<String>::new());
    assert_eq!(names(&door, "status=MAINTENANCE,INACTIVE").await, ["midtrans"]);
    assert_eq!(names(&door, "service=QR_CODE_PAYMENT").await, ["generic", "xendit"]);
    assert_eq!(
        names(&door, "service=QR_CODE_PAYMENT&service=CREDIT_CARD&status=MAINTENANCE").await,
        ["midtrans"]
    );
}

#[tokio::test]
async fn pages_hold_every_provider_once_and_cursors_keep_to_their_filters() {
    let door = open().await;
    let pages = door.pages(asking(&door, "limit=1")).await;
    let seen: BTreeSet<_> = pages.iter().map(|page| page["providers"][0]["id"].to_string()).collect();
    assert_eq!((pages.len(), seen.len()), (3, 3));
    let cursor = pages[1]["next_cursor"].as_str().unwrap();
    let refused = door.refusal(asking(&door, &format!("limit=1&cursor={cursor}&status=ACTIVE"))).await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn the_last_activity_is_shown_and_secrets_are_not() {
    let door = open().await;
    let xendit = builders::provider(&door.merchant, ProviderType::Xendit);
    let tally = Tally { received: 1, ..Tally::default() };
    door.stage.health().record(&xendit.id, &tally).await.unwrap();
    let answer = door.answer(asking(&door, "search=xendit")).await.unwrap();
    assert!(!answer.body.contains("secret-token") && !answer.body.contains("sealed"), "{}", answer.body);
    let shown = answer.body_json()["providers"][0].clone();
    assert_eq!(shown["last_activity"], "2026-11-20T15:00:00+07:00");
    assert_eq!(shown["callback_url"], format!("https://api.example.com/v1/callbacks/{}", xendit.id));
    assert_eq!((&shown["connection"], &shown["status"]), (&json!("AGGREGATOR"), &json!("ACTIVE")));
}

#[tokio::test]
async fn a_page_costs_one_query_and_one_for_each_provider_on_it() {
    let door = open().await;
    let _ = door.stage.dynamo.take_consumed();
    names(&door, "").await;
    assert_eq!(door.stage.dynamo.take_consumed().operations, 1 + 3);
}

#[tokio::test]
async fn another_merchants_providers_are_not_there() {
    let door = open().await;
    let foreign = door.foreign_caller(Role::Operations).await;
    assert_eq!(door.body(asking(&door, "").with_caller(&foreign)).await["providers"], json!([]));
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let door = open().await;
    door.lets_in_those_with(Scope::ProvidersRead, &asking(&door, "")).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.samples_are_answered(&[("active-for-qr", 200), ("unknown-status", 422)]).await;
}
