//! Against the real store code on an in-process DynamoDB, with the vault in memory.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderStatus;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_store::vault::{Context, Opener};

const SECRET: &str = "Mid-server-never-to-be-shown";

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        Self { stage, deps, merchant }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn post(&self, body: &Value) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::POST, "/providers")
            .with_caller(&builders::caller(&self.merchant, Role::Operations))
            .with_body(body.to_string());
        self.answer(request).await
    }

    async fn created(&self, body: &Value) -> Value {
        self.post(body).await.unwrap().body_json()["provider"].clone()
    }
}

fn body() -> Value {
    json!({
        "type": "midtrans",
        "name": "Midtrans main",
        "services": ["SEND_MONEY", "QR_CODE_PAYMENT", "SEND_MONEY"],
        "credentials": {"server_key": SECRET},
        "fee": {"type": "PERCENTAGE", "value": "0.70"},
        "tax": {"percentage": 11, "apply": true, "rounding": {"mode": "HALF_UP", "scale": 0}},
        "overrides": {"SEND_MONEY": {"fee": {"type": "FLAT", "value": 4500, "currency": "IDR"}}},
        "priority": 10,
        "settlement": {"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1},
    })
}

#[tokio::test]
async fn a_provider_begins_active_with_all_that_was_said() {
    let fixture = Fixture::new().await;
    let answer = fixture.post(&body()).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.headers["etag"].to_str().unwrap()), (201, "\"1\""));
    let shown = answer.body_json()["provider"].clone();
    for (name, expected) in [
        ("status", json!("ACTIVE")),
        ("connection", json!("AGGREGATOR")),
        ("services", json!(["QR_CODE_PAYMENT", "SEND_MONEY"])),
        ("fee", json!({"type": "PERCENTAGE", "value": "0.7"})),
        ("tax", json!({"percentage": "11", "apply": true, "rounding": {"mode": "HALF_UP", "scale": 0}})),
        ("priority", json!(10)),
        ("settlement", json!({"time": "23:00", "zone": "Asia/Jakarta", "lag_days": 1})),
        ("last_activity", json!(null)),
        ("version", json!(1)),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
    assert_eq!(shown["overrides"]["SEND_MONEY"]["fee"]["value"], "4500");
    let id = ProviderId::parse(shown["id"].as_str().unwrap()).unwrap();
    let stored = fixture.stage.providers().find(&id).await.unwrap().unwrap();
    assert_eq!(stored.provider.status(), ProviderStatus::Active);
    assert_eq!(fixture.stage.providers().history(&id, None, 10).await.unwrap().changes.len(), 1);
}

#[tokio::test]
async fn a_secret_is_sealed_under_merchant_and_provider_and_never_shown() {
    let fixture = Fixture::new().await;
    let answer = fixture.post(&body()).await.unwrap();
    assert!(!answer.body.contains(SECRET), "{}", answer.body);
    let shown = answer.body_json()["provider"].clone();
    assert_eq!(shown["credentials"]["server_key"]["last4"], "hown");
    let id = ProviderId::parse(shown["id"].as_str().unwrap()).unwrap();
    let stored = fixture.stage.providers().find(&id).await.unwrap().unwrap();
    assert!(!stored.sealed_credentials.contains(SECRET));
    let context = Context::provider(&fixture.merchant.id, &id);
    assert!(fixture.stage.vault.open(&context, &stored.sealed_credentials).await.unwrap().contains(SECRET));
    let other = Context::provider(&builders::merchant("other").id, &id);
    assert!(fixture.stage.vault.open(&other, &stored.sealed_credentials).await.is_err());
}

#[tokio::test]
async fn an_address_with_a_token_is_shown_this_once() {
    let fixture = Fixture::new().await;
    let body = json!({"type": "brick", "name": "Brick", "services": ["EWALLET"],
        "credentials": {"client_id": "b3f1", "client_secret": "brick-secret"}});
    let shown = fixture.created(&body).await;
    let url = shown["callback_url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert!(token.len() > 30 && !url.contains('{'), "{url}");
    let id = ProviderId::parse(shown["id"].as_str().unwrap()).unwrap();
    let stored = fixture.stage.providers().find(&id).await.unwrap().unwrap();
    let later = show_new(&stored.provider, &fixture.merchant.zone, "https://api.example.com/v1", None);
    assert_eq!(later["callback_url"], format!("https://api.example.com/v1/callbacks/{id}/{{token}}"));
    assert_eq!(shown["credentials"]["client_id"]["value"], "b3f1");
}

#[tokio::test]
async fn several_providers_may_serve_the_same_service() {
    let fixture = Fixture::new().await;
    let (first, second) = (fixture.created(&body()).await, fixture.created(&body()).await);
    assert_ne!(first["id"], second["id"]);
    assert_eq!(fixture.stage.providers().list(&fixture.merchant.id).await.unwrap().len(), 2);
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
    let fixture = Fixture::new().await;
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
        let problem = fixture.post(&body).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (422, &json!(parameter)),
            "{body}"
        );
    }
    assert_eq!(fixture.stage.count("ProvidersTable"), 0);
}

#[tokio::test]
async fn every_wrong_credential_is_named_at_once_and_no_value_is() {
    let fixture = Fixture::new().await;
    let body = with("credentials", json!({"server_kee": SECRET, "iris_merchant_key": " "}));
    let problem = fixture.post(&body).await.unwrap_err();
    let message = problem.message().to_owned();
    assert!(message.contains("credentials.server_key: is required"), "{message}");
    assert!(message.contains("credentials.server_kee: unknown field"), "{message}");
    assert!(!message.contains(SECRET), "{message}");
    let snap = json!({"type": "snap", "name": "Bank", "services": ["VIRTUAL_ACCOUNT"],
        "credentials": {"public_key": "not a key"}});
    assert!(fixture.post(&snap).await.unwrap_err().message().contains("PEM"));
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[
        ("with-fees", 201),
        ("unknown-and-missing-credentials", 422),
        ("finance-may-not", 403),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
