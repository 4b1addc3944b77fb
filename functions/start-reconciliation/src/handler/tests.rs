//! Against the real store code on an in-process DynamoDB, with queues in memory.

use paywarden_domain::access::Role;
use paywarden_domain::actor::Actor;
use paywarden_domain::id::RunId;
use paywarden_testing::{TestDoor, TestStage, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With a statement.
async fn open() -> (TestDoor<Deps>, Statement) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, statement, _) = door.stage.add_run(&door.merchant).await;
    (door, statement)
}

/// A valid request for a run over the statement's day, with members of its body replaced.
fn starting(door: &TestDoor<Deps>, statement: &Statement, members: &Value) -> ApiRequest {
    let mut body = json!({"provider_id": statement.provider_id, "start_date": "2026-11-20",
        "end_date": "2026-11-20"});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    door.request(Role::Finance).with_body(body.to_string())
}

fn queued(stage: &TestStage) -> usize {
    stage.reconciliation_queues[0].take().len()
}

#[tokio::test]
async fn a_run_takes_the_statements_of_its_days_and_the_same_request_is_the_same_run() {
    let (door, statement) = open().await;
    let answer = door.answer(starting(&door, &statement, &json!({}))).await.unwrap();
    let run = answer.body_json()["run"].clone();
    assert_eq!((answer.status.as_u16(), &run["state"]), (201, &json!("QUEUED")));
    assert_eq!(run["statement_ids"], json!([statement.id]));
    let zone = door.merchant.zone.name();
    let rules = json!({
        "tolerance_minor": 0,
        "tolerance_basis_points": 0,
        "lag_days": 2,
        "zone": zone,
        "provider_type": "xendit",
    });
    assert_eq!(run["rules"], rules);
    assert_eq!(queued(&door.stage), 1);
    let members = json!({"statement_ids": [statement.id]});
    let again = door.answer(starting(&door, &statement, &members)).await.unwrap();
    assert_eq!((again.status.as_u16(), &again.body_json()["run"]), (200, &run));
    let members = json!({"rules": {"tolerance_minor": 1}});
    let other = door.body(starting(&door, &statement, &members)).await;
    assert_ne!(other["run"]["id"], run["id"]);
}

#[tokio::test]
async fn the_merchants_tolerance_holds_where_the_request_says_nothing() {
    let (door, statement) = open().await;
    let body = json!({"reconciliation": {"tolerance_minor": 100, "tolerance_basis_points": 5}});
    let changed = door.merchant.with_changes(&body).unwrap().changed(door.merchant.created_at);
    door.stage.merchants().replace(&changed, door.merchant.version).await.unwrap();
    let members = json!({"rules": {"tolerance_basis_points": 0}});
    let run = door.body(starting(&door, &statement, &members)).await["run"].clone();
    let rules = &run["rules"];
    assert_eq!((&rules["tolerance_minor"], &rules["tolerance_basis_points"]), (&json!(100), &json!(0)));
}

#[tokio::test]
async fn a_duplicate_stands_for_the_statement_that_it_repeats() {
    let (door, statement) = open().await;
    let id = StatementId::derived("test", &[b"duplicate"]);
    let duplicate = Statement {
        id: id.clone(),
        status: StatementStatus::Duplicate,
        duplicate_of: Some(statement.id.clone()),
        ..statement.clone()
    };
    door.stage.reconciliation().put_statement(&duplicate).await.unwrap();
    let ids = json!({"statement_ids": [id, statement.id]});
    let run = door.body(starting(&door, &statement, &ids)).await["run"].clone();
    assert_eq!(run["statement_ids"], json!([statement.id]));
    assert_eq!(door.body(starting(&door, &statement, &json!({}))).await["run"]["id"], run["id"]);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (door, statement) = open().await;
    let id = StatementId::derived("test", &[b"awaited"]);
    let of = (door.merchant.id.clone(), statement.provider_id.clone());
    let awaited =
        Statement::announced(id.clone(), of, None, Actor::Operator, builders::at("2026-11-20T08:00:00Z"));
    door.stage.reconciliation().put_statement(&awaited).await.unwrap();
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
        let refused = door.refused_parameter(starting(&door, &statement, &members)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{members}");
    }
    assert_eq!(queued(&door.stage), 0);
}

#[tokio::test]
async fn a_run_that_was_stopped_is_begun_again_by_the_same_request() {
    let (door, statement) = open().await;
    let run = door.body(starting(&door, &statement, &json!({}))).await["run"].clone();
    let table = door.stage.reconciliation();
    let waiting = table.run(&RunId::parse(run["id"].as_str().unwrap()).unwrap()).await.unwrap().unwrap();
    table.replace_run(&waiting.cancel(door.stage.clock().now()).unwrap()).await.unwrap();
    let again = door.answer(starting(&door, &statement, &json!({}))).await.unwrap();
    let again_run = again.body_json()["run"].clone();
    assert_eq!(
        (again.status.as_u16(), &again_run["attempt"], &again_run["id"]),
        (201, &json!(2), &run["id"])
    );
    assert_eq!(queued(&door.stage), 2);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("of-a-day", 201), ("dry-with-a-tolerance", 201), ("no-statement-tells-of-it", 422)];
    open().await.0.samples_are_answered(&expected).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_run() {
    let (door, statement) = open().await;
    door.creates_once("ReconciliationTable", &starting(&door, &statement, &json!({}))).await;
}
