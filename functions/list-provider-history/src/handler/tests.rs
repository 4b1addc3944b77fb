//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::provider::Provider;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider = stage.add_provider(&merchant, ProviderType::Xendit, &json!({})).await;
        Self { stage, deps, merchant, provider }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/providers/x/history")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.provider.id.as_str())
            .with_query(query);
        self.answer(request).await
    }
}

#[tokio::test]
async fn the_history_is_paged_newest_first() {
    let fixture = Fixture::new().await;
    for name in ["a", "b", "c"] {
        fixture.stage.rename_provider(&fixture.provider, name).await;
    }
    let first = fixture.get(&fixture.merchant, "limit=3").await.unwrap().body_json();
    let versions = |body: &Value| -> Vec<u64> {
        body["history"].as_array().unwrap().iter().map(|change| change["version"].as_u64().unwrap()).collect()
    };
    assert_eq!(versions(&first), [4, 3, 2]);
    assert_eq!(first["history"][0]["changes"], json!({"name": {"from": "b", "to": "c"}}));
    let query = format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = fixture.get(&fixture.merchant, &query).await.unwrap().body_json();
    assert_eq!((versions(&second), &second["next_cursor"]), (vec![1], &Value::Null));
    assert_eq!(second["history"][0]["kind"], "created");
}

#[tokio::test]
async fn another_merchants_provider_is_not_there() {
    let fixture = Fixture::new().await;
    let other = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&other, "").await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("first-page", 200), ("not-there", 404)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
