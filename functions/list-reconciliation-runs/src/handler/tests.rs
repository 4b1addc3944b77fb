//! Against the real store code on an in-process DynamoDB, with files in memory.

use paywarden_domain::access::Role;
use paywarden_domain::id::RunId;
use paywarden_domain::reconciliation::run::Run;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a run that is completed.
async fn open() -> (TestDoor<Deps>, Run) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let run = door.stage.add_completed_run(&door.merchant).await;
    (door, run)
}

#[tokio::test]
async fn lists_are_newest_first_and_filtered() {
    let (door, completed) = open().await;
    for number in 0..3_u8 {
        door.stage.clock.advance_seconds(1);
        let id = RunId::derived("test", &[&[number]]);
        let created_at = door.stage.clock().now();
        let run = Run { id, state: RunState::Queued, version: 1, created_at, ..completed.clone() };
        door.stage.reconciliation().create_run(&run).await.unwrap();
    }
    let request = |query: &str| door.request(Role::Finance).with_query(query);
    let count = async |query: &str| door.body(request(query)).await["runs"].as_array().unwrap().len();
    assert_eq!(count("").await, 4);
    assert_eq!(count("state=COMPLETED").await, 1);
    assert_eq!(count("state=QUEUED,FAILED").await, 3);
    assert_eq!(count("provider_id=prv_00000000000000000000000000").await, 0);
    let pages = door.pages(request("limit=3")).await;
    assert_eq!((pages.len(), &pages[1]["runs"][0]["id"]), (2, &json!(completed.id)));
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.body(request("").with_caller(&foreign)).await["runs"], json!([]));
    for query in ["state=ODD", "provider_id=x", "colour=red", "cursor=x"] {
        let problem = door.refusal(request(query)).await;
        assert!((400..500).contains(&problem.status()), "{query}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("first-page", 200), ("unknown-parameter", 400)]).await;
}
