//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::session::RefreshToken;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a session, and the request to revoke it.
async fn open() -> (TestDoor<Deps>, ApiRequest, Session) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (session, _) = door.stage.add_session(&door.merchant, Role::Finance).await;
    let request = door.request(Role::Admin).with_path_parameter("id", session.id.as_str());
    (door, request, session)
}

async fn is_live(door: &TestDoor<Deps>, session: &Session) -> bool {
    let found = door.stage.sessions().find(&session.id).await.unwrap().unwrap();
    found.is_live(door.stage.clock().now())
}

#[tokio::test]
async fn a_revoked_session_is_over_and_revoking_it_again_is_the_same() {
    let (door, request, session) = open().await;
    let first = door.body(request.clone()).await;
    assert_eq!(first["session"]["revoked_at"], "2026-11-20 15:00:01");
    assert!(!is_live(&door, &session).await);
    door.stage.clock.advance_seconds(60);
    assert_eq!(door.body(request).await, first);
}

#[tokio::test]
async fn another_merchants_session_is_as_if_it_did_not_exist() {
    let (door, request, session) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let absent = request.clone().with_path_parameter("id", "ses_00000000000000000000000000");
    let theirs = door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
    assert!(is_live(&door, &session).await);
}

#[tokio::test]
async fn revoking_needs_the_scope() {
    let (door, request, _) = open().await;
    door.lets_in_those_with(Scope::ClientsWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, _, _) = open().await;
    // The one of the sample event, whose token is `pwr_` and 43 times A.
    let token = RefreshToken::parse(&format!("pwr_{}", "A".repeat(43))).unwrap();
    let client = builders::client(&door.merchant, Role::Finance);
    let session = Session::begin(&client, &client.secret_hash, &token, door.stage.clock().now());
    door.stage.sessions().begin(&session).await.unwrap();
    door.samples_are_answered(&[("revoked", 200), ("unknown", 404)]).await;
}
