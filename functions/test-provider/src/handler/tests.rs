//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

const TOKEN: &str = "the-token-of-the-dashboard";

/// With a provider that has these credentials.
async fn open_with(kind: ProviderType, credentials: &Value) -> (TestDoor<Deps>, Provider) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = door.stage.add_provider(&door.merchant, kind, credentials).await;
    (door, provider)
}

async fn open() -> (TestDoor<Deps>, Provider) {
    open_with(ProviderType::Xendit, &json!({"callback_token": TOKEN})).await
}

fn testing(door: &TestDoor<Deps>, provider: &Provider, body: &Value) -> ApiRequest {
    let request = door.request(Role::Operations).with_path_parameter("id", provider.id.as_str());
    request.with_body(body.to_string())
}

async fn outcome(door: &TestDoor<Deps>, provider: &Provider, body: &Value) -> Value {
    door.body(testing(door, provider, body)).await["test"]["outcome"].clone()
}

fn callback(token: &str, status: &str) -> Value {
    let body = json!({"event": "qr.payment", "id": "qrpy_1", "amount": 10000, "created": "2026-11-20T07:55:00Z",
        "status": status, "qr_code": {"external_id": "INV0045"}});
    json!({"callback": {"headers": {"X-Callback-Token": token}, "body": body.to_string()}})
}

const TABLES: [&str; 5] = [
    "TransactionsTable",
    "ProviderReferencesTable",
    "TimelineTable",
    "ReportKeysTable",
    "ProviderHealthTable",
];

#[tokio::test]
async fn a_sample_shows_the_record_that_it_would_open_and_writes_nothing() {
    let (door, provider) = open().await;
    let answer = door.body(testing(&door, &provider, &json!({}))).await;
    let outcome = &answer["test"]["outcome"];
    assert_eq!((&outcome["verdict"], &outcome["trust"]), (&json!("taken"), &json!("keyed")));
    let record = &outcome["reports"][0]["transaction"];
    assert_eq!((&record["outcome"], &record["status_before"]), (&json!("created"), &Value::Null));
    assert_eq!((&record["status_after"], &record["amount"]), (&json!("PAID"), &json!("10000")));
    assert_eq!(record["transaction_reference"], "PAYWARDEN-TEST");
    assert!(!answer.to_string().contains(TOKEN), "{answer}");
    for table in TABLES {
        assert_eq!(door.stage.count(table), 0, "{table}");
    }
    assert!(door.stage.transaction_events.take().is_empty());
}

#[tokio::test]
async fn a_record_that_is_there_is_shown_before_and_after() {
    let (door, provider) = open().await;
    let transaction = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let shown = outcome(&door, &provider, &json!({"reference": "INV0045"})).await;
    let record = &shown["reports"][0]["transaction"];
    assert_eq!((&record["id"], &record["outcome"]), (&json!(transaction.id), &json!("status_changed")));
    assert_eq!((&record["status_before"], &record["status_after"]), (&json!("PENDING"), &json!("PAID")));
    let odd = outcome(&door, &provider, &callback(TOKEN, "A_NEW_WORD")).await;
    let record = &odd["reports"][0]["transaction"];
    assert_eq!((&record["outcome"], &record["status_after"]), (&json!("ignored"), &json!("PENDING")));
    let now = door
        .stage
        .stores()
        .transactions()
        .unwrap()
        .find_of(&door.merchant.id, &transaction.id)
        .await
        .unwrap();
    assert_eq!(now.unwrap(), transaction);
}

#[tokio::test]
async fn a_callback_with_another_secret_is_told_from_one_without() {
    let (door, provider) = open().await;
    let taken = outcome(&door, &provider, &callback(TOKEN, "COMPLETED")).await;
    assert_eq!(taken["verdict"], "taken");
    let wrong = outcome(&door, &provider, &callback("another", "COMPLETED")).await;
    assert_eq!(wrong["verdict"], "refused");
    assert!(wrong["problem"].as_str().unwrap().starts_with("wrong_signature: "), "{wrong}");
    let without = outcome(&door, &provider, &json!({"callback": {"body": "{}"}})).await;
    assert!(without["problem"].as_str().unwrap().starts_with("missing_signature: "), "{without}");
    let headers = json!({"x-callback-token": TOKEN});
    let text = outcome(&door, &provider, &json!({"callback": {"headers": headers, "body": "no JSON"}})).await;
    assert_eq!(text["verdict"], "unreadable");
}

#[tokio::test]
async fn a_bank_that_signs_by_itself_needs_a_callback_of_its_own() {
    let (door, provider) = open_with(ProviderType::Snap, &json!({})).await;
    let refused = door.refused_parameter(testing(&door, &provider, &json!({}))).await;
    assert_eq!(refused, (422, "callback".to_owned()));
}

#[tokio::test]
async fn every_kind_that_shares_a_secret_has_a_sample() {
    for kind in ProviderType::ALL.iter().filter(|kind| **kind != ProviderType::Snap) {
        let fields = adapter(*kind).profile().fields.iter();
        let mut credentials: Value =
            fields.map(|field| (field.key.to_owned(), json!(field.example))).collect();
        credentials["path_token"] = json!("a path token");
        let (door, provider) = open_with(*kind, &credentials).await;
        let shown = outcome(&door, &provider, &json!({})).await;
        assert_eq!(shown["reports"][0]["transaction"]["status_after"], "PAID", "{kind}: {shown}");
    }
}

#[tokio::test]
async fn bad_members_are_named() {
    let (door, provider) = open().await;
    let cases = [
        (json!({"callback": {"headers": {}}}), 422, "callback.body"),
        (json!({"callback": {"body": "{}", "headers": {"bad name": "x"}}}), 422, "callback.headers.bad name"),
        (json!({"callback": {"body": "{}", "headers": {"x": "\u{7}"}}}), 422, "callback.headers.x"),
        (json!({"callback": "{}"}), 422, "callback"),
        (json!({"callback": {"body": "{}"}, "reference": "INV1"}), 422, "reference"),
        (json!({"colour": "green"}), 422, "colour"),
    ];
    for (body, status, parameter) in cases {
        let refused = door.refused_parameter(testing(&door, &provider, &body)).await;
        assert_eq!(refused, (status, parameter.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn it_needs_the_scope_and_the_merchants_own_provider() {
    let (door, provider) = open().await;
    let request = testing(&door, &provider, &json!({}));
    door.lets_in_those_with(Scope::ProvidersWrite, &request).await;
    let stranger = door.foreign_caller(Role::Admin).await;
    assert_eq!(door.refusal(request.with_caller(&stranger)).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, _) = open().await;
    door.samples_are_answered(&[("sample", 200), ("callback-without-body", 422)]).await;
}
