//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::provider::monitor::Tally;
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
    /// A merchant with three providers, one of them in maintenance.
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let mut resting = builders::provider(&merchant, ProviderType::Midtrans);
        resting.standing.status = ProviderStatus::Maintenance;
        resting.services = vec![Service::CreditCard];
        stage.add_this_provider(resting, &json!({})).await;
        for provider_type in [ProviderType::Xendit, ProviderType::Generic] {
            stage.add_provider(&merchant, provider_type, &json!({"callback_token": "secret-token"})).await;
        }
        Self { stage, deps, merchant }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/providers")
            .with_caller(&builders::caller(merchant, Role::Operations))
            .with_query(query);
        self.answer(request).await
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let body = self.get(&self.merchant, query).await.unwrap().body_json();
        let name = |provider: &Value| provider["name"].as_str().unwrap().to_owned();
        let mut names: Vec<String> = body["providers"].as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn filters_combine() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.names("").await, ["generic", "midtrans", "xendit"]);
    assert_eq!(fixture.names("search=EN").await, ["generic", "xendit"]);
    assert_eq!(fixture.names("search=midtrans&status=ACTIVE").await, Vec::<String>::new());
    assert_eq!(fixture.names("status=MAINTENANCE,INACTIVE").await, ["midtrans"]);
    assert_eq!(fixture.names("service=QR_CODE_PAYMENT").await, ["generic", "xendit"]);
    assert_eq!(
        fixture.names("service=QR_CODE_PAYMENT&service=CREDIT_CARD&status=MAINTENANCE").await,
        ["midtrans"]
    );
}

#[tokio::test]
async fn pages_hold_every_provider_once_and_cursors_keep_to_their_filters() {
    let fixture = Fixture::new().await;
    let mut seen = Vec::new();
    let mut query = "limit=1".to_owned();
    loop {
        let body = fixture.get(&fixture.merchant, &query).await.unwrap().body_json();
        seen.push(body["providers"][0]["id"].as_str().unwrap().to_owned());
        match body["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=1&cursor={cursor}"),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let refused = fixture.get(&fixture.merchant, &format!("{query}&status=ACTIVE")).await.unwrap_err();
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn the_last_activity_is_shown_and_secrets_are_not() {
    let fixture = Fixture::new().await;
    let xendit = builders::provider(&fixture.merchant, ProviderType::Xendit);
    let tally = Tally { received: 1, ..Tally::default() };
    fixture.stage.health().record(&xendit.id, &tally).await.unwrap();
    let answer = fixture.get(&fixture.merchant, "search=xendit").await.unwrap();
    assert!(!answer.body.contains("secret-token") && !answer.body.contains("sealed"), "{}", answer.body);
    let shown = answer.body_json()["providers"][0].clone();
    assert_eq!(shown["last_activity"], "2026-11-20T15:00:00+07:00");
    assert_eq!(shown["callback_url"], format!("https://api.example.com/v1/callbacks/{}", xendit.id));
    assert_eq!((&shown["connection"], &shown["status"]), (&json!("AGGREGATOR"), &json!("ACTIVE")));
}

#[tokio::test]
async fn a_page_costs_one_query_and_one_for_each_provider_on_it() {
    let fixture = Fixture::new().await;
    let _ = fixture.stage.dynamo.take_consumed();
    fixture.names("").await;
    assert_eq!(fixture.stage.dynamo.take_consumed().operations, 1 + 3);
}

#[tokio::test]
async fn another_merchants_providers_are_not_there() {
    let fixture = Fixture::new().await;
    let other = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&other, "").await.unwrap().body_json()["providers"], json!([]));
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let fixture = Fixture::new().await;
    for role in Role::ALL {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/providers")
            .with_caller(&builders::caller(&fixture.merchant, *role));
        let answer = fixture.answer(request).await;
        assert_eq!(answer.is_ok(), role.scopes().contains(&Scope::ProvidersRead), "{role}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("active-for-qr", 200), ("unknown-status", 422)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
