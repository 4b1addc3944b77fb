//! Against the real store code on an in-process DynamoDB, with files in memory.

use paywarden_domain::access::Role;
use paywarden_domain::reconciliation::BookSide;
use paywarden_domain::reconciliation::run::{Manifest, Run, ShardResult};
use paywarden_domain::reconciliation::tally::RowTotals;
use paywarden_domain::time::Clock;
use paywarden_testing::TestDoor;

use serde_json::Value;

use super::*;
use crate::DOOR;

/// With a run that is completed, and the request for it.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let run = door.stage.add_completed_run(&door.merchant).await;
    let request = door.request(Role::Finance).with_path_parameter("id", run.id.as_str());
    (door, request)
}

#[tokio::test]
async fn a_run_is_shown_with_what_it_came_to_and_to_its_owner_only() {
    let (door, request) = open().await;
    let run = door.body(request.clone()).await["run"].clone();
    assert_eq!((&run["state"], &run["summary"]), (&json!("COMPLETED"), &json!({"conserved": true})));
    assert_eq!(run["finished_at"], "2026-11-20T15:00:00+07:00");
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
}

/// The run with its rows, two of the ledger's and one of a statement's, in two shards.
async fn partitioned(door: &TestDoor<Deps>, queued: &Run) -> Run {
    let mut inputs = RowTotals::default();
    for side in [BookSide::Ledger, BookSide::Ledger, BookSide::Statement] {
        inputs.add(side, None);
    }
    let manifest =
        Manifest { prefix: "work/run".to_owned(), shards: 2, has_rejects: false, as_of: 0, inputs };
    let (table, now) = (door.stage.reconciliation(), door.stage.clock.now());
    let begun = queued.begin(now).unwrap();
    table.replace_run(&begun).await.unwrap();
    let matching = begun.begin_matching(manifest, now).unwrap();
    table.replace_run(&matching).await.unwrap();
    matching
}

#[tokio::test]
async fn a_run_that_goes_on_tells_which_of_its_shards_are_done_and_what_those_left() {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, _, run) = door.stage.add_run(&door.merchant).await;
    let request = door.request(Role::Finance).with_path_parameter("id", run.id.as_str());
    assert_eq!(door.body(request.clone()).await["progress"], Value::Null);
    let run = partitioned(&door, &run).await;
    let expected = |done: u32, open: &Value, last: &Value| {
        json!({"shards": 2, "done": done, "rows": {"ledger": 2, "statement": 1}, "open": open,
            "by_shard": [{"shard": 0, "done": false, "open": null}, {"shard": 1, "done": done > 0, "open": last}]})
    };
    let none = json!({"ledger": 0, "statement": 0});
    assert_eq!(door.body(request.clone()).await["progress"], expected(0, &none, &Value::Null));
    let result = ShardResult { open_ledger: 1, ..ShardResult::default() };
    door.stage.reconciliation().commit_shard(&run, 1, &result).await.unwrap();
    let one = json!({"ledger": 1, "statement": 0});
    assert_eq!(door.body(request).await["progress"], expected(1, &one, &one));
}

#[tokio::test]
async fn what_an_attempt_before_has_done_does_not_count() {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, _, queued) = door.stage.add_run(&door.merchant).await;
    let (table, now) = (door.stage.reconciliation(), door.stage.clock.now());
    let first = partitioned(&door, &queued).await;
    table.commit_shard(&first, 0, &ShardResult::default()).await.unwrap();
    let failed = first.fail("a file is gone", now).unwrap();
    table.replace_run(&failed).await.unwrap();
    let request = door.request(Role::Finance).with_path_parameter("id", queued.id.as_str());
    assert_eq!(door.body(request.clone()).await["progress"]["done"], 1, "how far it came");
    let again = failed.begin_again(now).unwrap();
    table.replace_run(&again).await.unwrap();
    assert_eq!(door.body(request.clone()).await["progress"], Value::Null);
    partitioned(&door, &again).await;
    assert_eq!(door.body(request).await["progress"]["done"], 0);
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("one", 200), ("not-there", 404)]).await;
}
