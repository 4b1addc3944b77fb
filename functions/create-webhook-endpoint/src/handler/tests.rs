//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_store::vault::{Context, Opener};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn creating(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    door.request(Role::Merchant).with_body(body.to_string())
}

#[tokio::test]
async fn a_new_endpoint_shows_its_secret_once_and_keeps_it_sealed() {
    let door = open().await;
    let body = json!({"url": "https://shop.example/hooks", "description": "The shop"});
    let answer = door.answer(creating(&door, &body)).await.unwrap();
    assert_eq!(answer.status, 201);
    let shown = &answer.body_json()["webhook_endpoint"];
    assert_eq!(shown["events"], json!(["transaction.created", "transaction.updated"]));
    assert_eq!((&shown["status"], &shown["created_at"]), (&json!("ENABLED"), &json!("2026-11-20 15:00:00")));
    let secret = shown["secret"].as_str().unwrap();
    assert!(SigningSecret::parse(secret).is_ok());
    let stored = door.stage.endpoints().list(&door.merchant.id).await.unwrap().remove(0);
    assert_eq!(stored.endpoint.id.as_str(), shown["id"].as_str().unwrap());
    let context = Context::endpoint(&door.merchant.id, &stored.endpoint.id);
    assert_eq!(door.stage.vault.open(&context, &stored.sealed_secret).await.unwrap(), secret);
    // Sealed for this endpoint: under another context it does not open.
    let other = Context::endpoint(&builders::merchant("other").id, &stored.endpoint.id);
    assert!(door.stage.vault.open(&other, &stored.sealed_secret).await.is_err());
}

#[tokio::test]
async fn how_it_is_told_can_be_said() {
    let door = open().await;
    let body = json!({
        "url": "https://shop.example/hooks",
        "retry_seconds": [5, 300],
        "rate_limit": 20,
        "batch": {"max_records": 50, "max_seconds": 300},
        "ordered": true,
    });
    let answer = door.answer(creating(&door, &body)).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"1\"");
    let answer = answer.body_json();
    for name in ["retry_seconds", "rate_limit", "batch", "ordered"] {
        assert_eq!(answer["webhook_endpoint"][name], body[name], "{name}");
    }
    assert_eq!(answer["delivery"], Value::Null);
}

#[tokio::test]
async fn a_private_key_is_shown_to_nobody() {
    let door = open().await;
    let body = json!({"url": "https://shop.example/hooks", "signature": "v1a"});
    let answer = door.answer(creating(&door, &body)).await.unwrap();
    assert!(!answer.body.contains("whsk_") && !answer.body.contains("whsec_"), "{}", answer.body);
    let shown = answer.body_json()["webhook_endpoint"].clone();
    assert_eq!(shown["secret"], Value::Null);
    let stored = door.stage.endpoints().list(&door.merchant.id).await.unwrap().remove(0);
    assert_eq!(shown["public_key"], json!(stored.endpoint.public_key));
    let context = Context::endpoint(&door.merchant.id, &stored.endpoint.id);
    let key = SigningKey::parse(&door.stage.vault.open(&context, &stored.sealed_secret).await.unwrap());
    assert_eq!(key.unwrap().public_key(), stored.endpoint.public_key);
}

#[tokio::test]
async fn one_that_is_tried_out_is_sent_an_event_at_once() {
    let door = open().await;
    let request = creating(&door, &json!({"url": "https://shop.example/hooks", "test": true}));
    let delivery = door.body(request.clone()).await["delivery"].clone();
    assert_eq!((&delivery["event"], &delivery["status"]), (&json!("webhook.test"), &json!("PENDING")));
    let message = door.stage.queue("WebhookRetriesQueue").take().remove(0);
    assert!(message.body.contains(delivery["id"].as_str().unwrap()));
    door.creates_once("WebhooksTable", &request).await;
}

#[tokio::test]
async fn a_merchant_has_a_limited_number_of_endpoints() {
    let door = open().await;
    let request = creating(&door, &json!({"url": "https://shop.example/hooks"}));
    for _ in 0..Endpoint::LIMIT {
        assert!(door.answer(request.clone()).await.is_ok());
    }
    let problem = door.refusal(request).await;
    assert_eq!((problem.status(), problem.code()), (409, "too_many_endpoints"));
    assert_eq!(door.stage.count("WebhooksTable"), Endpoint::LIMIT);
}

#[tokio::test]
async fn creating_needs_the_scope() {
    let door = open().await;
    let request = creating(&door, &json!({"url": "https://shop.example/"}));
    door.lets_in_those_with(Scope::WebhooksWrite, &request).await;
}

#[tokio::test]
async fn bad_members_are_named() {
    let door = open().await;
    let cases = [
        ("url", json!({})),
        ("url", json!({"url": 7})),
        ("url", json!({"url": "http://shop.example/"})),
        ("url", json!({"url": "https://localhost/"})),
        ("url", json!({"url": "https://169.254.169.254/latest"})),
        ("events", json!({"url": "https://shop.example/", "events": []})),
        ("events", json!({"url": "https://shop.example/", "events": ["lost"]})),
        ("events", json!({"url": "https://shop.example/", "events": "transaction.created"})),
        ("events", json!({"url": "https://shop.example/", "events": ["webhook.test"]})),
        ("description", json!({"url": "https://shop.example/", "description": ""})),
        ("retry_seconds", json!({"url": "https://shop.example/", "retry_seconds": [0]})),
        ("signature", json!({"url": "https://shop.example/", "signature": "v2"})),
        ("test", json!({"url": "https://shop.example/", "test": "yes"})),
        ("status", json!({"url": "https://shop.example/", "status": "PAUSED"})),
        ("colour", json!({"url": "https://shop.example/", "colour": "red"})),
        ("body", json!([])),
    ];
    for (parameter, body) in cases {
        let refused = door.refused_parameter(creating(&door, &body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert_eq!(door.stage.count("WebhooksTable"), 0);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("created", 201), ("private-address", 422), ("tried-out", 201), ("unknown-event", 422)];
    open().await.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_endpoint_with_the_same_secret() {
    let door = open().await;
    let request = creating(&door, &json!({"url": "https://shop.example/hooks"}));
    door.creates_once("WebhooksTable", &request).await;
    let (line, shown) = (door.audited().await.to_string(), door.body(request).await);
    assert!(!line.contains(shown["webhook_endpoint"]["secret"].as_str().unwrap()));
}
