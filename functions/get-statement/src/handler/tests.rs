//! Against the real store code on an in-process DynamoDB.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::statement::Statement;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    statement: Statement,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (_, statement, _) = stage.add_run(&merchant).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant, statement }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, merchant: &Merchant) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::GET, "/reconciliation/statements/x")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.statement.id.as_str());
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_statement_is_shown_with_its_report_and_to_its_owner_only() {
    let fixture = Fixture::new().await;
    let shown = fixture.get(&fixture.merchant).await.unwrap().body_json()["statement"].clone();
    assert_eq!((&shown["status"], &shown["report"]["rows"]), (&json!("PARSED"), &json!(1)));
    let foreign = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&foreign).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("one", 200), ("not-there", 404)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
