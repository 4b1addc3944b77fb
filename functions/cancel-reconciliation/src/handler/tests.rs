//! Against the real store code on an in-process DynamoDB.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    run: Run,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let (_, _, run) = stage.add_run(&merchant).await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        Self { stage, deps, merchant, run }
    }

    async fn answer(&self, request: ApiRequest) -> Result<Answer, Problem> {
        DOOR.answer(self.stage.clock.as_ref(), &self.deps, handle, request).await
    }

    async fn cancel(&self, merchant: &Merchant) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::POST, "/reconciliation/runs/x/cancel")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_path_parameter("id", self.run.id.as_str());
        self.answer(request).await
    }
}

#[tokio::test]
async fn a_run_is_stopped_by_its_owner_while_it_can_be_however_often() {
    let fixture = Fixture::new().await;
    let foreign = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.cancel(&foreign).await.unwrap_err().status(), 404);
    for _ in 0..2 {
        let stopped = fixture.cancel(&fixture.merchant).await.unwrap().body_json();
        assert_eq!(stopped["run"]["state"], "CANCELLED");
    }
}

#[tokio::test]
async fn a_run_that_is_being_finished_or_has_ended_is_not_stopped() {
    let fixture = Fixture::new().await;
    let mut run = fixture.run.clone();
    for state in [RunState::Reducing, RunState::Completed, RunState::Superseded] {
        run = builders::run_in(&run, state, fixture.stage.clock().now());
        fixture.stage.reconciliation().replace_run(&run).await.unwrap();
        let problem = fixture.cancel(&fixture.merchant).await.unwrap_err();
        assert_eq!((problem.status(), problem.code()), (409, "run_not_cancellable"), "{state}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("of-a-run", 200), ("not-there", 404)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
