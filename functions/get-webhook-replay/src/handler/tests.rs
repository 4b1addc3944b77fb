//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::replay::{Replay, Selection};
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a replay that is half done, and the request for it.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (id, endpoint) =
        (ReplayId::derived("test", &[b"replay"]), EndpointId::derived("test", &[b"endpoint"]));
    let of = (endpoint.clone(), door.merchant.id.clone());
    let replay = Replay::new(id.clone(), of, Selection::default(), 400, door.stage.clock.now());
    door.deps.replays.create(&Replay { queued: 200, ..replay }).await.unwrap();
    let request = door.request(Role::Merchant).with_path_parameter("id", endpoint.as_str());
    (door, request.with_path_parameter("replay_id", id.as_str()))
}

#[tokio::test]
async fn a_replay_is_shown_as_far_as_it_is_and_to_its_owner_only() {
    let (door, request) = open().await;
    let replay = door.body(request.clone()).await["replay"].clone();
    assert_eq!(
        (&replay["state"], &replay["counted"], &replay["queued"]),
        (&json!("RUNNING"), &json!(400), &json!(200))
    );
    assert_eq!(
        (&replay["created_at"], &replay["finished_at"]),
        (&json!("2026-11-20 15:00:00"), &json!(null))
    );
    let foreign = door.foreign_caller(Role::Merchant).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("one", 200), ("not-there", 404)]).await;
}
