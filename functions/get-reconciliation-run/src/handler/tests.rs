//! Against the real store code on an in-process DynamoDB, with files in memory.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::reconciliation::run::Run;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    run: Run,
}

impl Fixture {
    /// With a run that is completed.
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let run = stage.add_completed_run(&merchant).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant, run }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn get(&self, merchant: &Merchant) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::GET, "/reconciliation/runs/x")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.run.id.as_str());
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_run_is_shown_with_what_it_came_to_and_to_its_owner_only() {
    let fixture = Fixture::new().await;
    let run = fixture.get(&fixture.merchant).await.unwrap().body_json()["run"].clone();
    assert_eq!((&run["state"], &run["summary"]), (&json!("COMPLETED"), &json!({"conserved": true})));
    assert_eq!(run["finished_at"], "2026-11-20T15:00:00+07:00");
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
