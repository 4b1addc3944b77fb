//! Against the real store code on an in-process DynamoDB, with files in memory.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::merchant::Merchant;
use paywarden_testing::{TestStage, builders, events};

use super::*;

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
        let (_, _, queued) = stage.add_run(&merchant).await;
        let now = builders::at("2026-11-20T08:00:00Z");
        let summary = json!({"conserved": true}).to_string();
        let run = Run { summary: Some(summary), ..builders::run_in(&queued, RunState::Completed, now) };
        stage.reconciliation().replace_run(&run).await.unwrap();
        let deps = Deps {
            table: stage.reconciliation(),
            objects: stage.objects(),
            cursors: Cursors::new(stage.keys()),
            clock: stage.clock(),
        };
        Self { stage, deps, merchant, run }
    }

    async fn get(&self, merchant: &Merchant, path: &str, query: &str) -> Result<Answer, Problem> {
        let mut request = ApiRequest::new(Method::GET, path)
            .with_caller(&builders::caller(merchant, Role::Finance))
            .with_query(query);
        if let Some(id) = path.split('/').nth(3) {
            request = request.with_path_parameter("id", id);
        }
        handle(&self.deps, request).await
    }
}

#[tokio::test]
async fn a_run_is_shown_with_what_it_came_to_and_to_its_owner_only() {
    let fixture = Fixture::new().await;
    let path = format!("/reconciliation/runs/{}", fixture.run.id);
    let run = fixture.get(&fixture.merchant, &path, "").await.unwrap().body_json()["run"].clone();
    assert_eq!((&run["state"], &run["summary"]), (&json!("COMPLETED"), &json!({"conserved": true})));
    assert_eq!(run["finished_at"], "2026-11-20T15:00:00+07:00");
    let foreign = fixture.stage.add_merchant("other").await;
    for path in [path.clone(), format!("{path}/report")] {
        let problem = fixture.get(&foreign, &path, "").await.unwrap_err();
        assert_eq!(problem.status(), 404, "{path}");
    }
    assert_eq!(
        fixture.get(&foreign, "/reconciliation/runs", "").await.unwrap().body_json()["runs"],
        json!([])
    );
}

#[tokio::test]
async fn a_report_has_an_address_once_there_is_one() {
    let fixture = Fixture::new().await;
    let path = format!("/reconciliation/runs/{}/report", fixture.run.id);
    let report = fixture.get(&fixture.merchant, &path, "").await.unwrap().body_json()["report"].clone();
    assert!(report["url"].as_str().unwrap().contains(&report_key(&fixture.run)), "{report}");
    assert_eq!(report["expires_at"], "2026-11-20T15:15:00+07:00");
    let failed =
        Run { summary: None, ..builders::run_in(&fixture.run, RunState::Failed, fixture.deps.clock.now()) };
    fixture.stage.reconciliation().replace_run(&failed).await.unwrap();
    let problem = fixture.get(&fixture.merchant, &path, "").await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (409, "no_report"));
}

#[tokio::test]
async fn lists_are_newest_first_and_filtered() {
    let fixture = Fixture::new().await;
    for number in 0..3_u8 {
        fixture.stage.clock.advance_seconds(1);
        let id = RunId::derived("test", &[&[number]]);
        let created_at = fixture.deps.clock.now();
        let run = Run { id, state: RunState::Queued, version: 1, created_at, ..fixture.run.clone() };
        fixture.stage.reconciliation().create_run(&run).await.unwrap();
    }
    let count = async |query: &str| {
        let answer = fixture.get(&fixture.merchant, "/reconciliation/runs", query).await.unwrap();
        answer.body_json()["runs"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("state=COMPLETED").await, 1);
    assert_eq!(count("state=QUEUED,FAILED").await, 3);
    assert_eq!(count("provider_id=prv_00000000000000000000000000").await, 0);
    let first = fixture.get(&fixture.merchant, "/reconciliation/runs", "limit=3").await.unwrap().body_json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = format!("limit=3&cursor={cursor}");
    let rest = fixture.get(&fixture.merchant, "/reconciliation/runs", &rest).await.unwrap().body_json();
    assert_eq!((&rest["runs"][0]["id"], &rest["next_cursor"]), (&json!(fixture.run.id), &json!(null)));
    for query in ["state=ODD", "provider_id=x", "colour=red", "cursor=x"] {
        let problem = fixture.get(&fixture.merchant, "/reconciliation/runs", query).await.unwrap_err();
        assert!((400..500).contains(&problem.status()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[("list", 200), ("one", 200), ("report", 200), ("not-there", 404)]);
    let answers = events::answers("get-reconciliation-run", |request| handle(&fixture.deps, request)).await;
    assert_eq!(answers, expected);
}
