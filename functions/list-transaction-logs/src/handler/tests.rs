//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::timeline::{Entry, EntryKind};
use paywarden_domain::transaction::Transaction;
use paywarden_testing::{TestDoor, TestStage, builders};

use super::*;
use crate::DOOR;

/// With a transaction, and the request for its timeline.
async fn open() -> (TestDoor<Deps>, Transaction, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let transaction = door.stage.add_transaction(&door.merchant, builders::draft("INV0045")).await;
    let request = door.request(Role::Engineering).with_path_parameter("id", transaction.id.as_str());
    (door, transaction, request)
}

async fn write(stage: &TestStage, transaction: &Transaction, count: u32) {
    let subject = Subject::Transaction(transaction.id.clone());
    let entries: Vec<_> = (0..count).map(|number| (subject.clone(), entry(number))).collect();
    stage.timeline_writer().append(&entries).await.unwrap();
}

fn entry(number: u32) -> Entry {
    let at = builders::at("2026-11-20T08:00:00.5Z").plus_seconds(number.into());
    let identity = [number.to_string()];
    let identity: Vec<&str> = identity.iter().map(String::as_str).collect();
    Entry::new(
        EntryKind::System,
        at,
        "paywarden",
        &identity,
        format!("step {number}"),
        json!({"number": number}),
    )
    .caused_by(Some("corr-1"))
}

#[tokio::test]
async fn the_timeline_is_answered_oldest_first_beside_the_record() {
    let (door, transaction, request) = open().await;
    write(&door.stage, &transaction, 2).await;
    let body = door.body(request).await;
    assert_eq!(body["transaction"]["transaction_reference"], "INV0045");
    let first = json!({"id": entry(0).id, "at": "2026-11-20T15:00:00.500+07:00", "kind": "system",
        "source": "paywarden", "summary": "step 0", "detail": {"number": 0}, "request_id": "corr-1"});
    assert_eq!((&body["logs"][0], &body["logs"][1]["summary"]), (&first, &json!("step 1")));
    assert_eq!((body["logs"].as_array().unwrap().len(), &body["next_cursor"]), (2, &Value::Null));
}

#[tokio::test]
async fn writing_an_entry_again_overwrites_it() {
    let (door, transaction, _) = open().await;
    write(&door.stage, &transaction, 3).await;
    write(&door.stage, &transaction, 3).await;
    assert_eq!(door.stage.count("TimelineTable"), 3);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let (door, transaction, request) = open().await;
    write(&door.stage, &transaction, 60).await;
    let pages = door.pages(request.with_query("limit=7")).await;
    let logs = pages.iter().flat_map(|page| page["logs"].as_array().unwrap());
    let seen: Vec<_> = logs.map(|log| log["summary"].clone()).collect();
    let expected: Vec<_> = (0..60).map(|number| json!(format!("step {number}"))).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_cursor_of_another_timeline_is_refused() {
    let (door, transaction, request) = open().await;
    write(&door.stage, &transaction, 2).await;
    let first = door.body(request.clone().with_query("limit=1")).await;
    let other = door.stage.add_transaction(&door.merchant, builders::draft("INV0046")).await;
    let query = format!("cursor={}", first["next_cursor"].as_str().unwrap());
    let elsewhere = request.with_path_parameter("id", other.id.as_str()).with_query(&query);
    assert_eq!(door.refused_parameter(elsewhere).await.1, "cursor");
}

#[tokio::test]
async fn only_operations_engineers_and_admins_see_timelines() {
    let (door, _, request) = open().await;
    door.lets_in_those_with(Scope::LogsRead, &request).await;
}

#[tokio::test]
async fn another_merchants_timeline_is_answered_like_one_that_does_not_exist() {
    let (door, _, request) = open().await;
    let caller = door.foreign_caller(Role::Admin).await;
    let absent = TransactionId::of(&caller.merchant_id, "INV0045", 1);
    let request = request.with_caller(&caller);
    let foreign = door.refusal(request.clone()).await;
    let absent = door.refusal(request.with_path_parameter("id", absent.as_str())).await;
    assert_eq!(foreign.to_answer("r").body, absent.to_answer("r").body);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("timeline", 200), ("merchants-may-not", 403), ("no-id-of-ours", 400)];
    open().await.0.samples_are_answered(&expected).await;
}
