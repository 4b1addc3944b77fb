//! Against the real store code on an in-process DynamoDB, with files in memory.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_testing::{TestStage, builders, events};

use super::*;
use crate::DOOR;
use paywarden_domain::id::RunId;
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

    async fn get(&self, merchant: &Merchant, query: &str) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::GET, "/reconciliation/runs")
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_query(query);
        self.answer(request).await
    }
}

#[tokio::test]
async fn lists_are_newest_first_and_filtered() {
    let fixture = Fixture::new().await;
    for number in 0..3_u8 {
        fixture.stage.clock.advance_seconds(1);
        let id = RunId::derived("test", &[&[number]]);
        let created_at = fixture.stage.clock().now();
        let run = Run { id, state: RunState::Queued, version: 1, created_at, ..fixture.run.clone() };
        fixture.stage.reconciliation().create_run(&run).await.unwrap();
    }
    let count = async |query: &str| {
        let answer = fixture.get(&fixture.merchant, query).await.unwrap();
        answer.body_json()["runs"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("state=COMPLETED").await, 1);
    assert_eq!(count("state=QUEUED,FAILED").await, 3);
    assert_eq!(count("provider_id=prv_00000000000000000000000000").await, 0);
    let first = fixture.get(&fixture.merchant, "limit=3").await.unwrap().body_json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = format!("limit=3&cursor={cursor}");
    let rest = fixture.get(&fixture.merchant, &rest).await.unwrap().body_json();
    assert_eq!((&rest["runs"][0]["id"], &rest["next_cursor"]), (&json!(fixture.run.id), &json!(null)));
    let foreign = fixture.stage.add_merchant("other").await;
    assert_eq!(fixture.get(&foreign, "").await.unwrap().body_json()["runs"], json!([]));
    for query in ["state=ODD", "provider_id=x", "colour=red", "cursor=x"] {
        let problem = fixture.get(&fixture.merchant, query).await.unwrap_err();
        assert!((400..500).contains(&problem.status()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("first-page", 200), ("unknown-parameter", 400)]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
