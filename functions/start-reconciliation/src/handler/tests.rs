//! Against the real store code on an in-process DynamoDB, with queues in memory.

use lambda_http::http::Method;
use paywarden_domain::access::Role;
use paywarden_domain::id::RunId;
use paywarden_testing::{TestStage, builders, events};
use serde_json::Value;

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

    fn body(&self, members: &Value) -> Value {
        let mut body = json!({"provider_id": self.statement.provider_id, "start_date": "2026-11-20",
            "end_date": "2026-11-20"});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    async fn post(&self, members: &Value) -> Result<Answer, Problem> {
        let request = ApiRequest::new(Method::POST, "/reconciliation/runs")
            .with_caller(&builders::caller(&self.merchant, Role::Finance))
            .with_body(self.body(members).to_string());
        self.answer(request).await
    }

    fn queued(&self) -> usize {
        self.stage.reconciliation_queues[0].take().len()
    }
}

#[tokio::test]
async fn a_run_takes_the_statements_of_its_days_and_the_same_request_is_the_same_run() {
    let fixture = Fixture::new().await;
    let answer = fixture.post(&json!({})).await.unwrap();
    let run = answer.body_json()["run"].clone();
    assert_eq!((answer.status.as_u16(), &run["state"]), (201, &json!("QUEUED")));
    assert_eq!(run["statement_ids"], json!([fixture.statement.id]));
    let zone = fixture.merchant.zone.name();
    let rules = json!({
        "tolerance_minor": 0,
        "tolerance_basis_points": 0,
        "lag_days": 2,
        "zone": zone,
        "provider_type": "xendit",
    });
    assert_eq!(run["rules"], rules);
    assert_eq!(fixture.queued(), 1);
    let again = fixture.post(&json!({"statement_ids": [fixture.statement.id]})).await.unwrap();
    assert_eq!((again.status.as_u16(), &again.body_json()["run"]), (200, &run));
    let other = fixture.post(&json!({"rules": {"tolerance_minor": 1}})).await.unwrap().body_json();
    assert_ne!(other["run"]["id"], run["id"]);
}

#[tokio::test]
async fn a_duplicate_stands_for_the_statement_that_it_repeats() {
    let fixture = Fixture::new().await;
    let id = StatementId::derived("test", &[b"duplicate"]);
    let duplicate = Statement {
        id: id.clone(),
        status: StatementStatus::Duplicate,
        duplicate_of: Some(fixture.statement.id.clone()),
        ..fixture.statement.clone()
    };
    fixture.stage.reconciliation().put_statement(&duplicate).await.unwrap();
    let ids = json!({"statement_ids": [id, fixture.statement.id]});
    let run = fixture.post(&ids).await.unwrap().body_json()["run"].clone();
    assert_eq!(run["statement_ids"], json!([fixture.statement.id]));
    assert_eq!(fixture.post(&json!({})).await.unwrap().body_json()["run"]["id"], run["id"]);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let fixture = Fixture::new().await;
    let id = StatementId::derived("test", &[b"awaited"]);
    let of = (fixture.merchant.id.clone(), fixture.statement.provider_id.clone());
    let awaited =
        Statement::announced(id.clone(), of, None, Actor::Operator, builders::at("2026-11-20T08:00:00Z"));
    fixture.stage.reconciliation().put_statement(&awaited).await.unwrap();
    let cases = [
        (json!({"provider_id": null}), "provider_id"),
        (json!({"provider_id": "prv_00000000000000000000000000"}), "provider_id"),
        (json!({"start_date": null}), "start_date"),
        (json!({"start_date": "2026-02-30"}), "start_date"),
        (json!({"start_date": "2026-11-21"}), "start_date"),
        (json!({"end_date": "soon"}), "end_date"),
        (json!({"end_date": "2027-11-20"}), "end_date"),
        (json!({"as_of": 7}), "as_of"),
        (json!({"start_date": "2026-01-01", "end_date": "2026-01-02"}), "statement_ids"),
        (json!({"statement_ids": []}), "statement_ids"),
        (json!({"statement_ids": "stm"}), "statement_ids"),
        (json!({"statement_ids": ["stm_1"]}), "statement_ids"),
        (json!({"statement_ids": [id]}), "statement_ids"),
        (json!({"statement_ids": ["stm_00000000000000000000000000"]}), "statement_ids"),
        (json!({"dry_run": "yes"}), "dry_run"),
        (json!({"rules": {"tolerance_minor": -1}}), "rules.tolerance_minor"),
        (json!({"rules": {"tolerance_basis_points": 10001}}), "rules.tolerance_basis_points"),
        (json!({"rules": {"lag_days": 31}}), "rules.lag_days"),
        (json!({"rules": {"colour": 1}}), "rules.colour"),
        (json!({"colour": 1}), "colour"),
    ];
    for (members, parameter) in cases {
        let problem = fixture.post(&members).await.unwrap_err();
        assert_eq!(
            (problem.status(), &problem.error_json("r")["parameter"]),
            (422, &json!(parameter)),
            "{members}"
        );
    }
    assert_eq!(fixture.queued(), 0);
}

#[tokio::test]
async fn a_run_that_was_stopped_is_begun_again_by_the_same_request() {
    let fixture = Fixture::new().await;
    let run = fixture.post(&json!({})).await.unwrap().body_json()["run"].clone();
    let table = fixture.stage.reconciliation();
    let queued = table.run(&RunId::parse(run["id"].as_str().unwrap()).unwrap()).await.unwrap().unwrap();
    table.replace_run(&queued.cancel(fixture.stage.clock().now()).unwrap()).await.unwrap();
    let again = fixture.post(&json!({})).await.unwrap();
    let again_run = again.body_json()["run"].clone();
    assert_eq!(
        (again.status.as_u16(), &again_run["attempt"], &again_run["id"]),
        (201, &json!(2), &run["id"])
    );
    assert_eq!(fixture.queued(), 2);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[
        ("of-a-day", 201),
        ("dry-with-a-tolerance", 201),
        ("no-statement-tells-of-it", 422),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| fixture.answer(request)).await;
    assert_eq!(answers, expected);
}
