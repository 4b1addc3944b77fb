//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

#[tokio::test]
async fn every_role_sees_its_merchant() {
    let door = open().await;
    for role in Role::ALL {
        let answer = door.answer(door.request(*role)).await.unwrap();
        assert_eq!(answer.headers["etag"], "\"1\"");
        let shown = &answer.body_json()["merchant"];
        assert_eq!((&shown["id"], &shown["time_zone"]), (&json!(door.merchant.id), &json!("Asia/Jakarta")));
    }
}

/// What another process has changed is seen at once, and not when this one has forgotten what it read.
#[tokio::test]
async fn the_merchant_is_shown_as_it_is_now() {
    let door = open().await;
    door.body(door.request(Role::Admin)).await;
    let changed = door.merchant.with_changes(&json!({"name": "Kopi"})).unwrap();
    let changed = changed.changed(door.stage.clock().now());
    door.stage.merchants().replace(&changed, 1).await.unwrap();
    let answer = door.answer(door.request(Role::Admin)).await.unwrap();
    assert_eq!(
        (&answer.headers["etag"], &answer.body_json()["merchant"]["name"]),
        (&"\"2\"".parse().unwrap(), &json!("Kopi"))
    );
}

#[tokio::test]
async fn nobody_sees_another_merchant() {
    let door = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let theirs = door.body(door.anonymous_request().with_caller(&foreign)).await;
    assert_eq!(theirs["merchant"]["name"], "other");
}

#[tokio::test]
async fn looking_needs_the_scope() {
    let door = open().await;
    door.lets_in_those_with(Scope::TransactionsRead, &door.request(Role::Admin)).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
