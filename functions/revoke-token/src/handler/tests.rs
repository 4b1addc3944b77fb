//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::session::Session;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a session, and its token.
async fn open() -> (TestDoor<Deps>, Session, RefreshToken) {
    let door = TestDoor::open_to_strangers(DOOR, Deps::of, handle).await;
    let (session, token) = door.stage.add_session(&door.merchant, Role::Finance).await;
    (door, session, token)
}

async fn post(door: &TestDoor<Deps>, body: &str) -> (u16, serde_json::Value) {
    let answer = door.answer(door.anonymous_request().with_body(body)).await.unwrap();
    (answer.status.as_u16(), answer.body_json()["error"].clone())
}

async fn is_live(door: &TestDoor<Deps>, session: &Session) -> bool {
    let found = door.stage.sessions().find(&session.id).await.unwrap().unwrap();
    found.is_live(door.stage.clock().now())
}

#[tokio::test]
async fn whoever_holds_a_token_ends_its_session() {
    let (door, session, token) = open().await;
    let body = format!("token={}&token_type_hint=refresh_token", token.reveal());
    for _ in 0..2 {
        assert_eq!(post(&door, &body).await, (200, json!(null)));
        assert!(!is_live(&door, &session).await);
    }
}

/// Signing out with a token whose answer was lost, or that somebody else has used.
#[tokio::test]
async fn a_token_that_was_used_ends_it_too() {
    let (door, session, token) = open().await;
    let next = token.next(b"key").unwrap();
    let used = session.clone().used(&next, None, door.stage.clock().now());
    door.stage.sessions().replace(&used, &session.token_hash).await.unwrap();
    assert_eq!(post(&door, &format!("token={}", token.reveal())).await, (200, json!(null)));
    assert!(!is_live(&door, &session).await);
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_answered_alike_and_ends_nothing() {
    let (door, session, token) = open().await;
    let unknown = RefreshToken::generate(door.stage.entropy.as_ref()).reveal();
    for text in [unknown.as_str(), "nonsense", session.id.as_str(), token.reveal().trim_start_matches("pwr_")]
    {
        assert_eq!(post(&door, &format!("token={text}")).await, (200, json!(null)), "{text}");
    }
    assert!(is_live(&door, &session).await);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_as_the_rfc_says() {
    let (door, session, token) = open().await;
    let twice = format!("token={0}&token={0}", token.reveal());
    for (body, error) in [
        ("", "invalid_request"),
        ("token=", "invalid_request"),
        (twice.as_str(), "invalid_request"),
        ("token=a.b.c", "unsupported_token_type"),
    ] {
        assert_eq!(post(&door, body).await, (400, json!(error)), "{body}");
    }
    assert!(is_live(&door, &session).await);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("access-token", 400), ("no-token", 400), ("revoked", 200)];
    open().await.0.samples_are_answered(&expected).await;
}
