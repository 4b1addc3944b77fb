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

    async fn get(&self, merchant: &Merchant) -> Result<Answer, Problem> {
        let request = ApiRequest::new(lambda_http::http::Method::GET, "/providers/x")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.provider.id.as_str());
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_provider_is_shown_as_it_is_now_with_its_version() {
    let fixture = Fixture::new().await;
    fixture.get(&fixture.merchant).await.unwrap();
    fixture.stage.rename_provider(&fixture.provider, "Xendit of the shop").await;
    let answer = fixture.get(&fixture.merchant).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let shown = answer.body_json()["provider"].clone();
    assert_eq!((&shown["name"], &shown["version"]), (&json!("Xendit of the shop"), &json!(2)));
}

#[tokio::test]
async fn another_merchants_provider_is_not_there() {
    let fixture = Fixture::new().await;
    let other = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&other).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("one", 200), ("not-there", 404)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
