//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::id::ExceptionId;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::run::Run;
use paywarden_testing::{TestDoor, builders, events};

use super::*;
use crate::DOOR;

/// With a run that found two exceptions.
async fn open() -> (TestDoor<Deps>, Run) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, _, run) = door.stage.add_run(&door.merchant).await;
    (door, run)
}

fn id(run: &Run, number: u8) -> ExceptionId {
    builders::exception(run, number, Outcome::Late).id
}

/// A valid decision on the first exception, with members replaced.
fn decision(run: &Run, members: &Value) -> Value {
    let mut body = json!({"exception_id": id(run, 0), "action": "resolve", "reason": "dealt with"});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn posting(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    posting_as(door, "application/json", &body.to_string())
}

fn posting_as(door: &TestDoor<Deps>, content_type: &str, body: &str) -> ApiRequest {
    let mut request = door.request(Role::Finance).with_body(body);
    request.headers.insert("content-type", content_type.parse().unwrap());
    request
}

#[tokio::test]
async fn an_exception_is_taken_on_then_dealt_with_and_all_of_it_is_kept() {
    let (door, run) = open().await;
    let assign = json!({"action": "assign", "assignee": "Rani", "reason": "asks the bank"});
    let assigned = door.body(posting(&door, &decision(&run, &assign))).await["exception"].clone();
    assert_eq!((&assigned["status"], &assigned["assignee"]), (&json!("ASSIGNED"), &json!("Rani")));
    let resolved = door.body(posting(&door, &decision(&run, &json!({})))).await["exception"].clone();
    assert_eq!((&resolved["status"], &resolved["assignee"]), (&json!("RESOLVED"), &json!("Rani")));
    let history = resolved["history"].as_array().unwrap();
    let steps: Vec<_> = history.iter().map(|event| event["status"].as_str().unwrap()).collect();
    assert_eq!(steps, ["OPEN", "ASSIGNED", "RESOLVED"]);
    let caller = door.client_id(Role::Finance);
    assert_eq!((&history[2]["by"], &history[2]["reason"]), (&json!(caller), &json!("dealt with")));
    let closed = door.refusal(posting(&door, &decision(&run, &json!({"action": "void"})))).await;
    assert_eq!((closed.status(), closed.message()), (409, "it is RESOLVED already"));
}

#[tokio::test]
async fn many_are_decided_each_by_itself() {
    let (door, run) = open().await;
    let many = json!([
        decision(&run, &json!({})),
        decision(&run, &json!({"exception_id": id(&run, 1), "action": "void"})),
        decision(&run, &json!({"exception_id": "exc_00000000000000000000000000"})),
        decision(&run, &json!({"reason": null})),
    ]);
    let answer = door.answer(posting(&door, &many)).await.unwrap();
    assert_eq!(answer.status.as_u16(), 207);
    let answer = answer.body_json();
    let codes: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status_code"].as_u64().unwrap())
        .collect();
    assert_eq!(codes, [200, 200, 404, 422]);
}

#[tokio::test]
async fn a_table_brings_the_rows_whose_action_was_filled_in() {
    let (door, run) = open().await;
    let (first, second) = (id(&run, 0), id(&run, 1));
    let table = format!(
        "\u{feff}outcome,exception_id,action,reason,assignee\r\nLATE,{first},resolve,\"'=paid, late\",\r\nLATE,{second},,,\r\n"
    );
    let request = posting_as(&door, "text/csv; charset=utf-8", &table);
    let results = door.body(request).await["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 1);
    let reason = &results[0]["exception"]["history"][1]["reason"];
    assert_eq!(reason, "=paid, late", "without what makes a text harmless for spreadsheets");
    for (table, parameter) in [("a,b\n1,2\n", "exception_id"), ("exception_id,action,reason\n", "body")] {
        assert_eq!(door.refused_parameter(posting_as(&door, "text/csv", table)).await.1, parameter);
    }
    let binary = String::from_utf8_lossy(b"exception_id,action,reason\n\xff").into_owned();
    assert!(door.refusal(posting_as(&door, "text/csv", &binary)).await.status() < 500);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let (door, run) = open().await;
    let cases = [
        (json!({"exception_id": null}), 422, "exception_id"),
        (json!({"exception_id": "exc_1"}), 422, "exception_id"),
        (json!({"action": "forget"}), 422, "action"),
        (json!({"action": null}), 422, "action"),
        (json!({"reason": null}), 422, "reason"),
        (json!({"reason": ""}), 422, "reason"),
        (json!({"reason": "x".repeat(501)}), 422, "reason"),
        (json!({"action": "assign"}), 422, "assignee"),
        (json!({"assignee": 7}), 422, "assignee"),
        (json!({"colour": "red"}), 422, "colour"),
    ];
    for (members, status, parameter) in cases {
        let refused = door.refused_parameter(posting(&door, &decision(&run, &members))).await;
        assert_eq!(refused, (status, parameter.to_owned()), "{members}");
    }
    for body in [json!([]), json!("x"), json!(vec![0; 501])] {
        assert_eq!(door.refusal(posting(&door, &body)).await.status(), 422);
    }
    let foreign = door.foreign_caller(Role::Finance).await;
    let request = posting(&door, &decision(&run, &json!({}))).with_caller(&foreign);
    assert_eq!(door.refusal(request).await.status(), 404);
    let exception = door.stage.reconciliation().exception(&door.merchant.id, &id(&run, 0)).await;
    assert_eq!(exception.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn samples_are_answered() {
    // Each sample finds its exceptions open, whichever was handled before.
    let answer = |request| async move { open().await.0.answer(request).await };
    let answers = events::answers(DOOR.name(), DOOR.renderer(), answer).await;
    let expected = events::statuses(&[("one", 200), ("many", 207), ("as-a-table", 207), ("no-reason", 422)]);
    assert_eq!(answers, expected);
}
