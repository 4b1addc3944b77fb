//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::id::EndpointId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::webhook::{Endpoint, EndpointStatus, EventType};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::access::Scope;

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

    async fn add(&self, description: &str) {
        let now = self.stage.clock().now();
        let endpoint = Endpoint {
            id: EndpointId::mint(now, self.stage.entropy.as_ref()),
            merchant_id: self.merchant.id.clone(),
            url: "https://shop.example/hooks".to_owned(),
            events: EventType::DEFAULT.to_vec(),
            description: Some(description.to_owned()),
            status: EndpointStatus::Enabled,
            created_at: now,
        };
        let stored = StoredEndpoint { endpoint, sealed_secret: "sealed".to_owned() };
        self.stage.endpoints().create(&stored).await.unwrap();
        self.stage.clock.advance_seconds(1);
    }

    async fn get(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/webhook-endpoints")
            .with_caller(&builders::caller(merchant, Role::Engineering))
            .with_query(query);
        self.answer(request).await
    }
}

#[tokio::test]
async fn endpoints_are_listed_oldest_first_without_secrets() {
    let fixture = Fixture::new().await;
    for description in ["a", "b", "c"] {
        fixture.add(description).await;
    }
    let first = fixture.get(&fixture.merchant, "limit=2").await.unwrap();
    assert!(!first.body.contains("sealed"), "{}", first.body);
    let first = first.body_json();
    let descriptions = |body: &Value| -> Vec<Value> {
        body["webhook_endpoints"].as_array().unwrap().iter().map(|one| one["description"].clone()).collect()
    };
    assert_eq!(descriptions(&first), ["a", "b"]);
    let query = format!("limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = fixture.get(&fixture.merchant, &query).await.unwrap().body_json();
    assert_eq!((descriptions(&second), &second["next_cursor"]), (vec![json!("c")], &Value::Null));
}

#[tokio::test]
async fn merchants_see_their_own_endpoints_only() {
    let fixture = Fixture::new().await;
    fixture.add("a").await;
    fixture.add("b").await;
    let other = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&other, "").await.unwrap().body_json()["webhook_endpoints"], json!([]));
    let cursor = fixture.get(&fixture.merchant, "limit=1").await.unwrap().body_json()["next_cursor"].clone();
    let foreign = fixture.get(&other, &format!("cursor={}", cursor.as_str().unwrap())).await;
    assert_eq!(foreign.unwrap_err().status(), 400);
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let fixture = Fixture::new().await;
    for role in Role::ALL {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/webhook-endpoints")
            .with_caller(&builders::caller(&fixture.merchant, *role));
        let answer = fixture.answer(request).await;
        assert_eq!(answer.is_ok(), role.scopes().contains(&Scope::WebhooksRead), "{role}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("first-page", 200), ("foreign-cursor", 400)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
