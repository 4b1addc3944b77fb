//! Against the real store code on an in-process DynamoDB, with files in memory.

use paywarden_domain::access::Role;
use paywarden_testing::TestDoor;

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

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("one", 200), ("not-there", 404)]).await;
}
