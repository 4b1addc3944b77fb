//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With three sessions, oldest first, and the request for them.
async fn open() -> (TestDoor<Deps>, ApiRequest, Vec<(Session, RefreshToken)>) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let mut sessions = Vec::new();
    for role in [Role::Finance, Role::Admin, Role::Finance] {
        sessions.push(door.stage.add_session(&door.merchant, role).await);
    }
    let request = door.request(Role::Admin);
    (door, request, sessions)
}

fn ids(page: &Value) -> Vec<Value> {
    page["sessions"].as_array().unwrap().iter().map(|session| session["id"].clone()).collect()
}

fn ids_of(sessions: &[(Session, RefreshToken)]) -> Vec<Value> {
    sessions.iter().map(|(session, _)| json!(session.id)).collect()
}

#[tokio::test]
async fn sessions_are_listed_page_by_page_without_tokens() {
    let (door, request, sessions) = open().await;
    let pages = door.pages(request.clone().with_query("limit=2")).await;
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), ids_of(&sessions));
    let body = door.answer(request).await.unwrap().body;
    for (session, token) in &sessions {
        assert!(
            ![token.reveal(), session.token_hash.clone()].iter().any(|secret| body.contains(secret)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_is_over_is_not_listed() {
    let (door, request, sessions) = open().await;
    door.stage.sessions().revoke(&sessions[0].0.id, door.stage.clock().now()).await.unwrap();
    assert_eq!(ids(&door.body(request.clone()).await), ids_of(&sessions[1..]));
    // The second is idle for half an hour now, the third a second less.
    door.stage.clock.advance_seconds(Session::IDLE_SECONDS - 2);
    assert_eq!(ids(&door.body(request).await), ids_of(&sessions[2..]));
}

#[tokio::test]
async fn merchants_see_their_own_sessions_only() {
    let (door, request, _) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let theirs = request.clone().with_caller(&foreign);
    assert_eq!(door.body(theirs.clone()).await["sessions"], json!([]));
    let first = door.body(request.with_query("limit=1")).await;
    let query = format!("cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(door.refusal(theirs.with_query(&query)).await.status(), 400);
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let (door, request, _) = open().await;
    door.lets_in_those_with(Scope::ClientsWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("first-page", 200), ("foreign-cursor", 400)]).await;
}
