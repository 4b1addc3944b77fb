//! Against the real store code on an in-process DynamoDB, with the vault in memory.

use paywarden_domain::access::Role;
use paywarden_domain::provider::ProviderStatus;
use paywarden_store::vault::{Context, Opener};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

const SECRET: &str = "Mid-server-never-to-be-shown";

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn creating(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    door.request(Role::Operations).with_body(body.to_string())
}

fn body() -> Value {
    json!({
        "type": "midtrans",
        "name": "Midtrans main",
        "services": ["SEND_MONEY", "QR_CODE_PAYMENT", "SEND_MONEY"],
        "credentials": {"server_key": SECRET},
        "fee": {"type": "PERCENTAGE", "value": "0.70"},
        "tax": {"percentage": 11, "apply": true, "rounding": {"mode": "HALF_UP", "scale": 0}},
        "fee_refund": "PRO_RATA",
        "overrides": {"SEND_MONEY": {"fee": {"type": "FLAT", "value": 4500, "currency": "IDR"}, "fee_refund": "NEVER"}},
        "priority": 10,
        "settlement": {"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1},
    })
}

#[tokio::test]
async fn a_provider_begins_active_with_all_that_was_said() {
    let door = open().await;
    let answer = door.answer(creating(&door, &body())).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.headers["etag"].to_str().unwrap()), (201, "\"1\""));
    let shown = answer.body_json()["provider"].clone();
    for (name, expected) in [
        ("status", json!("ACTIVE")),
        ("connection", json!("AGGREGATOR")),
        ("services", json!(["QR_CODE_PAYMENT", "SEND_MONEY"])),
        ("fee", json!({"type": "PERCENTAGE", "value": "0.7"})),
        ("tax", json!({"percentage": "11", "apply": true, "rounding": {"mode": "HALF_UP", "scale": 0}})),
        ("fee_refund", json!("PRO_RATA")),
        ("priority", json!(10)),
        ("settlement", json!({"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1})),
        ("last_activity", json!(null)),
        ("version", json!(1)),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
    assert_eq!(shown["overrides"]["SEND_MONEY"]["fee"]["value"], "4500");
    assert_eq!(shown["overrides"]["SEND_MONEY"]["fee_refund"], "NEVER");
    let id = ProviderId::parse(shown["id"].as_str().unwrap()).unwrap();
    let stored = door.stage.providers().find(&id).await.unwrap().unwrap();
    assert_eq!(stored.provider.status(), ProviderStatus::Active);
    assert_eq!(door.stage.providers().history(&id, None, 10).await.unwrap().changes.len(), 1);
}

#[tokio::test]
async fn a_secret_is_sealed_under_merchant_and_provider_and_never_shown() {
    let door = open().await;
    let answer = door.answer(creating(&door, &body())).await.unwrap();
    assert!(!answer.body.contains(SECRET), "{}", answer.body);
    let shown = answer.body_json()["provider"].clone();
    assert_eq!(shown["credentials"]["server_key"]["last4"], "hown");
    let id = ProviderId::parse(shown["id"].as_str().unwrap()).unwrap();
    let stored = door.stage.providers().find(&id).await.unwrap().unwrap();
    assert!(!stored.sealed_credentials.contains(SECRET));
    let context = Context::provider(&door.merchant.id, &id);
    assert!(door.stage.vault.open(&context, &stored.sealed_credentials).await.unwrap().contains(SECRET));
    let other = Context::provider(&builders::merchant("other").id, &id);
    assert!(door.stage.vault.open(&other, &stored.sealed_credentials).await.is_err());
}

#[tokio::test]
async fn an_address_with_a_token_is_shown_this_once() {
    let door = open().await;
    let body = json!({"type": "brick", "name": "Brick", "services": ["EWALLET"],
        "credentials": {"client_id": "b3f1", "client_secret": "brick-secret"}});
    let shown = door.body(creating(&door, &body)).await["provider"].clone();
    let url = shown["callback_url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert!(token.len() > 30 && !url.contains('{'), "{url}");
    let id = ProviderId::parse(shown["id"].as_str().unwrap()).unwrap();
    let stored = door.stage.providers().find(&id).await.unwrap().unwrap();
    let later = show_new(&stored.provider, &door.merchant.zone, "https://api.example.com/v1", None);
    assert_eq!(later["callback_url"], format!("https://api.example.com/v1/callbacks/{id}/{{token}}"));
    assert_eq!(shown["credentials"]["client_id"]["value"], "b3f1");
}

#[tokio::test]
async fn several_providers_may_serve_the_same_service() {
    let door = open().await;
    let first = door.body(creating(&door, &body())).await;
    let second = door.body(creating(&door, &body())).await;
    assert_ne!(first["provider"]["id"], second["provider"]["id"]);
    assert_eq!(door.stage.providers().list(&door.merchant.id).await.unwrap().len(), 2);
}

/// A valid body with one member replaced, by its path.
fn with(path: &str, value: Value) -> Value {
    let mut changed = body();
    let mut place = &mut changed;
    for name in path.split('.') {
        place = &mut place[name];
    }
    *place = value;
    changed
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let door = open().await;
    let cases = [
        (with("type", json!("paypal")), "type"),
        (with("type", Value::Null), "type"),
        (with("name", json!("")), "name"),
        (with("name", Value::Null), "name"),
        (with("connection", json!("SIDEWAYS")), "connection"),
        (with("services", json!([])), "services"),
        (with("services", json!(["DEBIT_ORDER"])), "services"),
        (with("services", Value::Null), "services"),
        (with("credentials", Value::Null), "credentials.server_key"),
        (with("credentials", json!({"server_key": 7})), "credentials.server_key"),
        (with("fee.type", json!("FREE")), "fee.type"),
        (with("fee_refund", json!("SOMETIMES")), "fee_refund"),
        (with("fee_refund", json!(true)), "fee_refund"),
        (with("fee.value", json!("-1")), "fee.value"),
        (with("fee.value", json!("100.1")), "fee.value"),
        (with("fee.value", json!("0.00001")), "fee.value"),
        (with("fee.colour", json!("red")), "fee.colour"),
        (with("tax.percentage", json!("eleven")), "tax.percentage"),
        (with("tax.apply", json!("yes")), "tax.apply"),
        (with("tax.rounding.mode", json!("SIDEWAYS")), "tax.rounding.mode"),
        (with("overrides", json!({"DEBIT_ORDER": {}})), "overrides.DEBIT_ORDER"),
        (with("overrides.SEND_MONEY.fee.value", json!("1.234")), "overrides.SEND_MONEY.fee.value"),
        (with("priority", json!(0)), "priority"),
        (with("settlement.time", json!("25:00")), "settlement.time"),
        (with("settlement.zone", json!("Mars")), "settlement.zone"),
        (with("settlement.lag_days", json!(31)), "settlement.lag_days"),
        (with("colour", json!("red")), "colour"),
    ];
    for (body, parameter) in cases {
        let refused = door.refused_parameter(creating(&door, &body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert_eq!(door.stage.count("ProvidersTable"), 0);
}

#[tokio::test]
async fn every_wrong_credential_is_named_at_once_and_no_value_is() {
    let door = open().await;
    let body = with("credentials", json!({"server_kee": SECRET, "iris_merchant_key": " "}));
    let problem = door.refusal(creating(&door, &body)).await;
    let message = problem.message();
    assert!(message.contains("credentials.server_key: is required"), "{message}");
    assert!(message.contains("credentials.server_kee: unknown field"), "{message}");
    assert!(!message.contains(SECRET), "{message}");
    let snap = json!({"type": "snap", "name": "Bank", "services": ["VIRTUAL_ACCOUNT"],
        "credentials": {"public_key": "not a key"}});
    assert!(door.refusal(creating(&door, &snap)).await.message().contains("PEM"));
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("with-fees", 201), ("unknown-and-missing-credentials", 422), ("finance-may-not", 403)];
    open().await.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_provider_with_the_same_address() {
    let door = open().await;
    door.creates_once("ProvidersTable", &creating(&door, &body())).await;
}

#[tokio::test]
async fn the_trail_tells_what_was_configured_without_secrets() {
    let door = open().await;
    door.body(creating(&door, &body())).await;
    let line = door.audited().await;
    assert_eq!((&line["after"]["name"], &line["after"]["priority"]), (&json!("Midtrans main"), &json!(10)));
    assert!(!line.to_string().contains(SECRET), "{line}");
    assert_eq!(line["after"]["callback_url"], Value::Null);
}
