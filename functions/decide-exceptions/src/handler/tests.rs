//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::{Exception, ExceptionStatus};
use paywarden_domain::reconciliation::run::Run;
use paywarden_reconciliation::bulk::MAX_DECIDED;
use paywarden_testing::{TestDoor, builders, events};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With a run that found two exceptions, AMOUNT_OVER and MISSING_INTERNAL.
async fn open() -> (TestDoor<Deps>, Run) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, _, run) = door.stage.add_run(&door.merchant).await;
    (door, run)
}

/// More of them, all LATE.
async fn add_late(door: &TestDoor<Deps>, run: &Run, numbers: std::ops::Range<usize>) {
    let late = |number: usize| {
        let mut exception = builders::exception(run, 9, Outcome::Late);
        exception.id = paywarden_domain::id::ExceptionId::derived("test", &[&number.to_be_bytes()]);
        exception
    };
    let late: Vec<Exception> = numbers.map(late).collect();
    assert_eq!(door.stage.reconciliation().put_exceptions(&late).await.unwrap(), late.len());
}

/// A decision to resolve what is LATE, with members replaced.
fn body(members: &Value) -> Value {
    let mut body = json!({"filter": {"outcome": "LATE"}, "action": "resolve", "reason": "the bank was late"});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn posting(door: &TestDoor<Deps>, members: &Value) -> ApiRequest {
    door.request(Role::Finance).with_body(body(members).to_string())
}

/// Count, decided and remaining of an answer.
async fn numbers(door: &TestDoor<Deps>, members: &Value) -> [u64; 3] {
    let body = door.body(posting(door, members)).await;
    assert_eq!(body["dry_run"] == true, members.get("dry_run").is_some());
    ["count", "decided", "remaining"].map(|name| body[name].as_u64().unwrap())
}

async fn counted(door: &TestDoor<Deps>, filter: Value) -> u64 {
    numbers(door, &json!({"filter": filter, "dry_run": true})).await[0]
}

async fn all_of(door: &TestDoor<Deps>, run: &Run) -> Vec<Exception> {
    door.stage.reconciliation().open_exceptions(&door.merchant.id, &run.scope.provider_id).await.unwrap()
}

#[tokio::test]
async fn what_was_counted_is_decided_and_all_of_it_is_kept() {
    let (door, run) = open().await;
    add_late(&door, &run, 0..3).await;
    assert_eq!(numbers(&door, &json!({"dry_run": true})).await, [3, 0, 3]);
    assert_eq!(all_of(&door, &run).await.len(), 5, "counting decides nothing");
    let assign =
        json!({"action": "assign", "assignee": "Rani", "reason": "asks the bank", "expected_count": 3});
    assert_eq!(numbers(&door, &assign).await, [3, 3, 0]);
    let assigned = all_of(&door, &run).await;
    let assigned: Vec<_> = assigned.iter().filter(|one| one.outcome == Outcome::Late).collect();
    assert_eq!(assigned.len(), 3);
    let caller = door.caller(Role::Finance).actor();
    for exception in assigned {
        let last = exception.history.last().unwrap();
        assert_eq!(
            (exception.status, exception.assignee.as_deref()),
            (ExceptionStatus::Assigned, Some("Rani"))
        );
        assert_eq!((last.by.clone(), last.reason.as_str()), (caller.clone(), "asks the bank"));
    }
    let by_hers = json!({"filter": {"assignee": "Rani"}, "expected_count": 3});
    assert_eq!(numbers(&door, &by_hers).await, [3, 3, 0]);
    let left: Vec<_> = all_of(&door, &run).await.iter().map(|one| one.outcome).collect();
    assert_eq!(left.len(), 2);
    assert!(!left.contains(&Outcome::Late));
}

#[tokio::test]
async fn others_than_were_counted_are_not_decided_and_a_repeat_changes_nothing() {
    let (door, run) = open().await;
    add_late(&door, &run, 0..3).await;
    for (expected, now) in [(2, 3), (4, 3), (0, 3)] {
        let refused = door.refusal(posting(&door, &json!({"expected_count": expected}))).await;
        assert_eq!((refused.status(), refused.code()), (409, "count_changed"));
        assert_eq!(refused.message(), format!("expected {expected} exceptions, and {now} are covered now"));
    }
    let assign = json!({"action": "assign", "assignee": "Rani", "expected_count": 3});
    assert_eq!(numbers(&door, &assign).await, [3, 3, 0]);
    let before = door.stage.items("ReconciliationTable");
    let repeated = door.refusal(posting(&door, &assign)).await;
    assert_eq!(repeated.message(), "expected 3 exceptions, and 0 are covered now", "they are hers already");
    assert_eq!(door.stage.items("ReconciliationTable"), before);
    let other = json!({"action": "assign", "assignee": "Budi", "expected_count": 3});
    assert_eq!(numbers(&door, &other).await, [3, 3, 0], "given to somebody else they are changed");
    assert_eq!(numbers(&door, &json!({"expected_count": 3})).await, [3, 3, 0]);
    assert_eq!(numbers(&door, &json!({"expected_count": 0})).await, [0, 0, 0]);
}

#[tokio::test]
async fn more_than_a_request_has_time_for_are_decided_by_the_next_one() {
    let (door, run) = open().await;
    let most = u64::try_from(MAX_DECIDED).unwrap();
    add_late(&door, &run, 0..MAX_DECIDED + 5).await;
    assert_eq!(numbers(&door, &json!({"dry_run": true})).await, [most + 5, 0, most + 5]);
    assert_eq!(numbers(&door, &json!({"expected_count": most + 5})).await, [most + 5, most, 5]);
    assert_eq!(numbers(&door, &json!({"expected_count": 5})).await, [5, 5, 0]);
}

#[tokio::test]
async fn a_filter_covers_what_the_list_of_the_same_filter_has_and_is_open() {
    let (door, run) = open().await;
    add_late(&door, &run, 0..3).await;
    let cases = [
        (json!({}), 5),
        (json!({"outcome": "LATE"}), 3),
        (json!({"run_id": run.id}), 2),
        (json!({"run_id": run.id, "outcome": "LATE"}), 0),
        (json!({"provider_id": [run.scope.provider_id]}), 5),
        (json!({"provider_id": ["prv_00000000000000000000000000"]}), 0),
        (json!({"status": ["OPEN"]}), 5),
        (json!({"status": ["ASSIGNED"]}), 0),
        (json!({"assignee": "Rani"}), 0),
        (json!({"min_age_days": 0}), 0),
        (json!({"amount_min": 10100, "amount_max": "10100.00"}), 5),
        (json!({"amount_min": "10100.01"}), 0),
    ];
    for (filter, count) in cases {
        assert_eq!(counted(&door, filter.clone()).await, count, "{filter}");
    }
    let void = json!({"filter": {"run_id": run.id}, "action": "void", "expected_count": 2});
    assert_eq!(numbers(&door, &void).await, [2, 2, 0]);
    assert_eq!(
        counted(&door, json!({"run_id": run.id})).await,
        0,
        "the run lists them still; they are closed"
    );
    door.stage.clock.advance_seconds(24 * 3600 + 1);
    assert_eq!(counted(&door, json!({"min_age_days": 1})).await, 3);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let (door, run) = open().await;
    let before = door.stage.items("ReconciliationTable");
    let cases = [
        (json!({"filter": null}), "filter"),
        (json!({"filter": []}), "filter"),
        (json!({"filter": {"colour": "red"}}), "filter.colour"),
        (json!({"filter": {"run_id": "x"}}), "filter.run_id"),
        (json!({"filter": {"run_id": "run_00000000000000000000000000"}, "dry_run": true}), "filter.run_id"),
        (json!({"filter": {"provider_id": "x"}}), "filter.provider_id"),
        (json!({"filter": {"outcome": "ODD"}}), "filter.outcome"),
        (json!({"filter": {"status": ["RESOLVED"]}}), "filter.status"),
        (json!({"filter": {"min_age_days": 3651}}), "filter.min_age_days"),
        (json!({"filter": {"amount_min": -1}}), "filter.amount_min"),
        (json!({"filter": {"amount_min": 2, "amount_max": 1}}), "filter.amount_min"),
        (json!({"action": "forget"}), "action"),
        (json!({"action": "assign", "dry_run": true}), "assignee"),
        (json!({"reason": null}), "reason"),
        (json!({"dry_run": "yes"}), "dry_run"),
        (json!({"dry_run": true, "expected_count": 1}), "expected_count"),
        (json!({}), "expected_count"),
        (json!({"dry_run": false}), "expected_count"),
        (json!({"expected_count": -1}), "expected_count"),
        (json!({"expected_count": 1, "colour": "red"}), "colour"),
    ];
    for (members, parameter) in cases {
        let refused = door.refused_parameter(posting(&door, &members)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{members}");
    }
    let foreign = door.foreign_caller(Role::Finance).await;
    let theirs = |members: &Value| posting(&door, members).with_caller(&foreign);
    assert_eq!(door.body(theirs(&json!({"filter": {}, "dry_run": true}))).await["count"], 0);
    let by_run = theirs(&json!({"filter": {"run_id": run.id}, "dry_run": true}));
    assert_eq!(door.refused_parameter(by_run).await, (422, "filter.run_id".to_owned()));
    assert_eq!(door.stage.items("ReconciliationTable"), before);
    door.lets_in_those_with(Scope::ReconciliationWrite, &posting(&door, &json!({"dry_run": true}))).await;
}

#[tokio::test]
async fn samples_are_answered() {
    // Each sample finds the exceptions open, whichever was handled before.
    let answer = |request| async move { open().await.0.answer(request).await };
    let answers = events::answers(DOOR.name(), DOOR.renderer(), answer).await;
    let expected = events::statuses(&[
        ("counted", 200),
        ("decided", 200),
        ("others-than-expected", 409),
        ("no-count", 422),
    ]);
    assert_eq!(answers, expected);
}
