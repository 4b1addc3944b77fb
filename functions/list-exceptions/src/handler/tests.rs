//! Against the real store code on an in-process DynamoDB.

use std::collections::BTreeSet;

use paywarden_domain::access::Role;
use paywarden_domain::actor::Actor;
use paywarden_domain::reconciliation::exception::Action;
use paywarden_domain::reconciliation::run::Run;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a run that found two exceptions, and the request for them.
async fn open() -> (TestDoor<Deps>, Run, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, _, run) = door.stage.add_run(&door.merchant).await;
    let request = door.request(Role::Finance).with_path_parameter("id", run.id.as_str());
    (door, run, request)
}

async fn add(door: &TestDoor<Deps>, run: &Run, count: u8) {
    let exceptions: Vec<_> =
        (10..10 + count).map(|number| builders::exception(run, number, Outcome::Late)).collect();
    for exception in &exceptions {
        door.stage.reconciliation().put_exception(exception).await.unwrap();
    }
    let found = exceptions.iter().map(|exception| (exception.outcome, &exception.id));
    door.stage.reconciliation().note_findings(&run.id, found).await.unwrap();
}

#[tokio::test]
async fn what_a_run_found_is_shown_as_it_stands_now() {
    let (door, run, request) = open().await;
    let outcomes = async |query: &str| -> Vec<String> {
        let body = door.body(request.clone().with_query(query)).await;
        let shown = body["exceptions"].as_array().unwrap().iter();
        shown.map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(outcomes("").await, ["AMOUNT_OVER", "MISSING_INTERNAL"]);
    let exception = builders::exception(&run, 0, Outcome::AmountOver);
    let now = door.stage.clock().now();
    let assigned = exception.after(Action::Assign, &Actor::Operator, "asks", Some("Rani"), now).unwrap();
    door.stage.reconciliation().put_exception(&assigned).await.unwrap();
    assert_eq!(outcomes("status=OPEN").await, ["MISSING_INTERNAL"]);
    assert_eq!(outcomes("assignee=Rani").await, ["AMOUNT_OVER"]);
    assert_eq!(outcomes("outcome=MISSING_INTERNAL").await, ["MISSING_INTERNAL"]);
    assert_eq!(outcomes("outcome=LATE").await, Vec::<String>::new());
    let shown = door.body(request.clone().with_query("status=ASSIGNED")).await["exceptions"][0].clone();
    assert_eq!(shown["history"][1]["reason"], "asks");
    assert_eq!((&shown["statement"]["reference"], &shown["ledger"]), (&json!("INV0045"), &json!(null)));
}

#[tokio::test]
async fn pages_are_full_and_each_exception_is_on_one() {
    let (door, run, request) = open().await;
    add(&door, &run, 120).await;
    let pages = door.pages(request.with_query("limit=50&status=OPEN")).await;
    let shown: Vec<_> = pages.iter().map(|page| page["exceptions"].as_array().unwrap()).collect();
    assert_eq!(shown.iter().map(|exceptions| exceptions.len()).collect::<Vec<_>>(), [50, 50, 22]);
    let ids: BTreeSet<_> = shown.into_iter().flatten().map(|one| one["id"].to_string()).collect();
    assert_eq!(ids.len(), 122);
}

#[tokio::test]
async fn a_table_can_be_filled_in_and_sent_back() {
    let (door, _, mut request) = open().await;
    request.headers.insert("accept", "text/csv".parse().unwrap());
    let table = door.answer(request).await.unwrap().body;
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("exception_id,action,reason,assignee,outcome"));
    assert!(lines.next().unwrap().starts_with("exc_"), "{table}");
    assert_eq!(lines.count(), 1);
}

#[tokio::test]
async fn somebody_elses_run_is_not_there() {
    let (door, _, request) = open().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.clone().with_caller(&foreign)).await.status(), 404);
    for query in ["status=ODD", "outcome=ODD", "limit=0", "colour=red"] {
        let problem = door.refusal(request.clone().with_query(query)).await;
        assert!((400..500).contains(&problem.status()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("open-ones", 200), ("as-a-table", 200), ("unknown-outcome", 422)];
    open().await.0.samples_are_answered(&expected).await;
}
