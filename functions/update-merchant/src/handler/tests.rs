//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

fn patching(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    door.request(Role::Admin).with_body(body.to_string())
}

/// The same by somebody who has seen the first version.
fn patching_first(door: &TestDoor<Deps>, body: &Value) -> ApiRequest {
    let mut request = patching(door, body);
    request.headers.insert("if-match", "\"1\"".parse().unwrap());
    request
}

async fn stored(door: &TestDoor<Deps>) -> Merchant {
    door.stage.merchants().find_latest(&door.merchant.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn only_what_is_named_changes() {
    let door = open().await;
    let body = json!({"name": "Kopi", "stuck_after_seconds": {"QRIS": 7200}});
    let answer = door.answer(patching_first(&door, &body)).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let shown = &answer.body_json()["merchant"];
    assert_eq!((&shown["name"], &shown["updated_at"]), (&json!("Kopi"), &json!("2026-11-20 15:00:00")));
    assert_eq!(
        (&shown["stuck_after_seconds"]["QRIS"], &shown["time_zone"]),
        (&json!(7200), &json!("Asia/Jakarta"))
    );
    let kept = stored(&door).await;
    assert_eq!((kept.shard_count, kept.created_at), (door.merchant.shard_count, door.merchant.created_at));
}

#[tokio::test]
async fn what_was_seen_must_still_be_there() {
    let door = open().await;
    door.body(patching_first(&door, &json!({"name": "first"}))).await;
    let problem = door.refusal(patching_first(&door, &json!({"name": "second"}))).await;
    assert_eq!((problem.status(), problem.code()), (412, "outdated"));
    assert_eq!(stored(&door).await.name, "first");
}

/// An operator raises the shards while somebody types.
#[tokio::test]
async fn two_changes_at_once_lose_neither() {
    let door = open().await;
    let raised = door.merchant.with_shards(4, door.stage.clock().now()).unwrap();
    door.stage.merchants().replace(&raised, 1).await.unwrap();
    assert!(
        door.stage.merchants().replace(&door.merchant.clone().changed(raised.created_at), 1).await.is_err()
    );
    door.body(patching(&door, &json!({"name": "Kopi"}))).await;
    let kept = stored(&door).await;
    assert_eq!((kept.name.as_str(), kept.shard_count, kept.version), ("Kopi", 4, 3));
}

#[tokio::test]
async fn a_change_to_what_is_there_writes_nothing() {
    let door = open().await;
    let answer = door.answer(patching(&door, &json!({"time_zone": "Asia/Jakarta"}))).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"1\"");
    assert_eq!(stored(&door).await, door.merchant);
}

/// The days of what was recorded are those of then, its times are shown on the clocks of now.
#[tokio::test]
async fn another_zone_moves_no_past_record() {
    let door = open().await;
    let before = door.stage.add_transaction(&door.merchant, builders::draft("BEFORE")).await;
    door.body(patching(&door, &json!({"time_zone": "Africa/Johannesburg"}))).await;
    let after = door.stage.add_transaction(&stored(&door).await, builders::draft("AFTER")).await;
    let found = door.stage.stores().transactions().unwrap().find_of(&door.merchant.id, &before.id).await;
    assert_eq!(found.unwrap().unwrap(), before);
    assert_eq!([before.zone.name(), after.zone.name()], ["Asia/Jakarta", "Africa/Johannesburg"]);
}

#[tokio::test]
async fn what_cannot_be_set_is_named_and_changes_nothing() {
    let door = open().await;
    for (parameter, body) in [
        ("time_zone", json!({"name": "Kopi", "time_zone": "Asia/Atlantis"})),
        ("monitoring.silent_minutes", json!({"monitoring": {"silent_minutes": 4}})),
        ("shard_count", json!({"shard_count": 4})),
        ("body", json!([])),
    ] {
        let refused = door.refused_parameter(patching(&door, &body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert_eq!(stored(&door).await, door.merchant);
}

#[tokio::test]
async fn nobody_changes_another_merchant() {
    let door = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let theirs = door.body(patching(&door, &json!({"name": "Mine"})).with_caller(&foreign)).await;
    assert_eq!(theirs["merchant"]["id"], json!(foreign.merchant_id));
    assert_eq!(stored(&door).await, door.merchant);
}

#[tokio::test]
async fn changing_needs_the_scope() {
    let door = open().await;
    let request = patching(&door, &json!({"name": "Kopi"}));
    door.lets_in_those_with(Scope::MerchantWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("changed", 200), ("outdated", 412), ("unknown-zone", 422)];
    open().await.samples_are_answered(&expected).await;
}
