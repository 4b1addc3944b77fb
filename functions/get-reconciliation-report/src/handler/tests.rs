//! Against the real store code on an in-process DynamoDB, with files in memory.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::reconciliation::run::{Run, RunState};

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
        let request = ApiRequest::new(Method::GET, "/reconciliation/runs/x/report")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.run.id.as_str());
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_report_has_an_address_once_there_is_one() {
    let fixture = Fixture::new().await;
    let report = fixture.get(&fixture.merchant).await.unwrap().body_json()["report"].clone();
    assert!(report["url"].as_str().unwrap().contains(&report_key(&fixture.run)), "{report}");
    assert_eq!(report["expires_at"], "2026-11-20T15:15:00+07:00");
    let failed = Run {
        summary: None,
        ..builders::run_in(&fixture.run, RunState::Failed, fixture.stage.clock().now())
    };
    fixture.stage.reconciliation().replace_run(&failed).await.unwrap();
    let problem = fixture.get(&fixture.merchant).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (409, "no_report"));
    let foreign = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&foreign).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("report", 200), ("not-there", 404)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
