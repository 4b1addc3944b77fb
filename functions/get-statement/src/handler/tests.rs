//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a statement, and the request for it.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, statement, _) = door.stage.add_run(&door.merchant).await;
    let request = door.request(Role::Finance).with_path_parameter("id", statement.id.as_str());
    (door, request)
}

#[tokio::test]
async fn a_statement_is_shown_with_its_report_and_to_its_owner_only() {
    let (door, request) = open().await;
    let shown = door.body(request.clone()).await["statement"].clone();
    assert_eq!((&shown["status"], &shown["report"]["rows"]), (&json!("PARSED"), &json!(1)));
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("one", 200), ("not-there", 404)]).await;
}
