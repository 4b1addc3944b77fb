//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::Health;
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With a webhook endpoint of which is known how it does, and the request to delete it.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let endpoint = builders::endpoint(&door.merchant);
    let request = door.request(Role::Engineering).with_path_parameter("id", endpoint.id.as_str());
    let healths = door.stage.stores().endpoint_healths().unwrap();
    let (merchant, unknown) = (&door.merchant.id, Default::default());
    healths.write(merchant, &endpoint.id, &unknown, &Health::default(), None).await.unwrap();
    door.stage.add_this_endpoint(endpoint).await;
    (door, request)
}

#[tokio::test]
async fn it_goes_with_its_secret_and_how_it_did() {
    let (door, request) = open().await;
    assert_eq!(door.body(request.clone()).await, json!({"status": true}));
    assert_eq!(door.stage.count("WebhooksTable"), 0);
    assert_eq!(door.refusal(request).await.status(), 404);
}

#[tokio::test]
async fn what_was_parked_is_let_go() {
    let (door, request) = open().await;
    door.body(request).await;
    let messages = door.stage.queue("WebhookRetriesQueue").take();
    let errands: Vec<Value> =
        messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
    let id = builders::endpoint(&door.merchant).id;
    let drain =
        json!({"errand": "drain", "merchant_id": door.merchant.id, "endpoint_id": id, "pass": "asked"});
    assert_eq!(errands, [drain]);
}

#[tokio::test]
async fn only_the_version_that_was_seen_goes_and_nobody_elses() {
    let (door, request) = open().await;
    let mut outdated = request.clone();
    outdated.headers.insert("if-match", "\"7\"".parse().unwrap());
    assert_eq!(door.refusal(outdated).await.status(), 412);
    let foreign = door.foreign_caller(Role::Admin).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
    assert_eq!(door.stage.count("WebhooksTable"), 2);
}

#[tokio::test]
async fn deleting_needs_the_scope() {
    for role in Role::ALL {
        let (door, request) = open().await;
        let answer = door.answer(request.with_caller(&door.caller(*role))).await;
        assert_eq!(answer.is_ok(), role.scopes().contains(&Scope::WebhooksWrite), "{role}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("answered", 200), ("unknown", 404)]).await;
}

#[tokio::test]
async fn the_trail_tells_what_it_was() {
    let (door, request) = open().await;
    door.body(request).await;
    let line = door.audited().await;
    assert_eq!(
        (&line["before"]["url"], &line["after"]),
        (&json!("https://shop.example/hooks"), &Value::Null)
    );
}
