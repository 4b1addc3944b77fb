//! Against the real store code on an in-process DynamoDB.

use std::collections::BTreeSet;

use paywarden_domain::access::Role;
use paywarden_domain::id::StatementId;
use paywarden_domain::statement::Statement;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a statement.
async fn open() -> (TestDoor<Deps>, Statement) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, statement, _) = door.stage.add_run(&door.merchant).await;
    (door, statement)
}

#[tokio::test]
async fn lists_go_on_and_are_each_merchants_own() {
    let (door, first) = open().await;
    for number in 0..3_u8 {
        door.stage.clock.advance_seconds(1);
        let id = StatementId::derived("test", &[&[number]]);
        let statement = Statement { id, created_at: door.stage.clock().now(), ..first.clone() };
        door.stage.reconciliation().put_statement(&statement).await.unwrap();
    }
    let request = |query: &str| door.request(Role::Finance).with_query(query);
    let pages = door.pages(request("limit=2")).await;
    let shown = pages.iter().flat_map(|page| page["statements"].as_array().unwrap());
    let seen: Vec<_> = shown.map(|one| one["id"].to_string()).collect();
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (4, 4));
    let none = door.body(request("provider_id=prv_00000000000000000000000000")).await;
    assert_eq!(none["statements"], json!([]));
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.body(request("").with_caller(&foreign)).await["statements"], json!([]));
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("first-page", 200), ("unknown-parameter", 400)]).await;
}
