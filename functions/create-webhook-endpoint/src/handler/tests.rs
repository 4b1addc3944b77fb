//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::access::Scope;
use paywarden_domain::webhook::Endpoint;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_store::vault::{Context, Opener};

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

    async fn post(&self, role: Role, body: &Value) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::POST, "/webhook-endpoints")
            .with_caller(&builders::caller(&self.merchant, role))
            .with_body(body.to_string());
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_new_endpoint_shows_its_secret_once_and_keeps_it_sealed() {
    let fixture = Fixture::new().await;
    let body = json!({"url": "https://shop.example/hooks", "description": "The shop"});
    let answer = fixture.post(Role::Merchant, &body).await.unwrap();
    assert_eq!(answer.status, 201);
    let shown = &answer.body_json()["webhook_endpoint"];
    assert_eq!(shown["events"], json!(["transaction.created", "transaction.updated"]));
    assert_eq!((&shown["status"], &shown["created_at"]), (&json!("ENABLED"), &json!("2026-11-20 15:00:00")));
    let secret = shown["secret"].as_str().unwrap();
    assert!(SigningSecret::parse(secret).is_ok());
    let stored = fixture.stage.endpoints().list(&fixture.merchant.id).await.unwrap().remove(0);
    assert_eq!(stored.endpoint.id.as_str(), shown["id"].as_str().unwrap());
    let context = Context::endpoint(&fixture.merchant.id, &stored.endpoint.id);
    assert_eq!(fixture.stage.vault.open(&context, &stored.sealed_secret).await.unwrap(), secret);
    // Sealed for this endpoint: under another context it does not open.
    let other = Context::endpoint(&builders::merchant("other").id, &stored.endpoint.id);
    assert!(fixture.stage.vault.open(&other, &stored.sealed_secret).await.is_err());
}

#[tokio::test]
async fn a_merchant_has_a_limited_number_of_endpoints() {
    let fixture = Fixture::new().await;
    let body = json!({"url": "https://shop.example/hooks"});
    for _ in 0..Endpoint::LIMIT {
        assert!(fixture.post(Role::Merchant, &body).await.is_ok());
    }
    let problem = fixture.post(Role::Merchant, &body).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (409, "too_many_endpoints"));
    assert_eq!(fixture.stage.count("WebhooksTable"), Endpoint::LIMIT);
}

#[tokio::test]
async fn creating_needs_the_scope() {
    let fixture = Fixture::new().await;
    for role in Role::ALL {
        let answer = fixture.post(*role, &json!({"url": "https://shop.example/"})).await;
        assert_eq!(answer.is_ok(), role.scopes().contains(&Scope::WebhooksWrite), "{role}");
    }
}

#[tokio::test]
async fn bad_members_are_named() {
    let fixture = Fixture::new().await;
    let cases = [
        ("url", json!({})),
        ("url", json!({"url": 7})),
        ("url", json!({"url": "http://shop.example/"})),
        ("url", json!({"url": "https://localhost/"})),
        ("url", json!({"url": "https://169.254.169.254/latest"})),
        ("events", json!({"url": "https://shop.example/", "events": []})),
        ("events", json!({"url": "https://shop.example/", "events": ["lost"]})),
        ("events", json!({"url": "https://shop.example/", "events": "transaction.created"})),
        ("description", json!({"url": "https://shop.example/", "description": ""})),
        ("colour", json!({"url": "https://shop.example/", "colour": "red"})),
        ("body", json!([])),
    ];
    for (parameter, body) in cases {
        let problem = fixture.post(Role::Merchant, &body).await.unwrap_err();
        assert_eq!(problem.status(), 422, "{body}");
        assert_eq!(problem.error_json("r")["parameter"], parameter, "{body}");
    }
    assert_eq!(fixture.stage.count("WebhooksTable"), 0);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("created", 201), ("private-address", 422), ("unknown-event", 422)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
