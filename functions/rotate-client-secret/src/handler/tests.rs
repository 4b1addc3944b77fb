//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::principal::Principal;
use paywarden_testing::builders::CLIENT_SECRET;
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a client, and the request to give it another secret.
async fn open() -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let client = door.stage.add_client(&door.merchant, Role::Merchant).await;
    let request = door.request(Role::Admin).with_path_parameter("id", client.id.as_str()).with_body("{}");
    (door, request)
}

async fn has_secret(door: &TestDoor<Deps>, secret: &str) -> bool {
    let id = builders::client(&door.merchant, Role::Merchant).id;
    let client = door.stage.clients().find(&id).await.unwrap().unwrap();
    client.has_secret(secret, door.stage.clock().now())
}

#[tokio::test]
async fn the_secret_before_stays_good_for_a_day_or_as_long_as_is_said() {
    let (door, request) = open().await;
    let mut before = CLIENT_SECRET.to_owned();
    for (body, seconds) in [(json!({}), 86_400), (json!({"previous_secret_valid_seconds": 604_800}), 604_800)]
    {
        let shown = door.body(request.clone().with_body(body.to_string())).await;
        let secret = shown["client"]["secret"].as_str().unwrap().to_owned();
        assert!(has_secret(&door, &secret).await && has_secret(&door, &before).await);
        door.stage.clock.advance_seconds(seconds);
        assert!(has_secret(&door, &secret).await && !has_secret(&door, &before).await, "{body}");
        before = secret;
    }
}

#[tokio::test]
async fn a_secret_that_leaked_ends_at_once() {
    let (door, request) = open().await;
    let shown = door.body(request.with_body(r#"{"previous_secret_valid_seconds": 0}"#)).await;
    assert_eq!(shown["client"]["previous_secret_valid_until"], Value::Null);
    assert!(!has_secret(&door, CLIENT_SECRET).await);
}

/// Whoever holds the secret of a client can do what it may.
#[tokio::test]
async fn a_token_of_few_scopes_gets_no_secret_of_a_client_of_many() {
    let (door, request) = open().await;
    let mut caller = door.caller(Role::Admin);
    caller.scopes = vec![Scope::ClientsWrite];
    assert_eq!(door.refusal(request.with_caller(&caller)).await.status(), 403);
    assert!(has_secret(&door, CLIENT_SECRET).await);
}

#[tokio::test]
async fn a_revoked_client_gets_no_secret() {
    let (door, request) = open().await;
    let admin = door.stage.add_client(&door.merchant, Role::Admin).await;
    let client = builders::client(&door.merchant, Role::Merchant);
    door.stage
        .clients()
        .revoke(&client.id, &Principal::Client(admin.id), door.stage.clock().now())
        .await
        .unwrap();
    let problem = door.refusal(request).await;
    assert_eq!((problem.status(), problem.code()), (409, "client_revoked"));
}

/// Of two who rotate at once one learns that the secret it made is none.
#[tokio::test]
async fn a_secret_replaces_the_one_that_was_read() {
    let (door, request) = open().await;
    let stale = builders::client(&door.merchant, Role::Merchant);
    door.body(request).await;
    let replacement = stale.replace_secret("sha256$a$b".to_owned(), 60, door.stage.clock().now());
    assert!(door.stage.clients().replace_secret(&stale, &replacement).await.is_err());
}

#[tokio::test]
async fn bad_members_are_named() {
    let (door, request) = open().await;
    for (parameter, body) in [
        ("previous_secret_valid_seconds", json!({"previous_secret_valid_seconds": 604_801})),
        ("previous_secret_valid_seconds", json!({"previous_secret_valid_seconds": -1})),
        ("previous_secret_valid_seconds", json!({"previous_secret_valid_seconds": "a day"})),
        ("colour", json!({"colour": "red"})),
        ("body", json!([])),
    ] {
        let refused = door.refused_parameter(request.clone().with_body(body.to_string())).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
    assert!(has_secret(&door, CLIENT_SECRET).await);
}

#[tokio::test]
async fn another_merchants_client_is_as_if_it_did_not_exist() {
    let (door, request) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let absent = request.clone().with_path_parameter("id", "cli_00000000000000000000000000");
    let theirs = door.refusal(request.with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
}

#[tokio::test]
async fn rotating_needs_the_scope() {
    let (door, request) = open().await;
    door.lets_in_those_with(Scope::ClientsWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("rotated", 200), ("too-long", 422)]).await;
}

#[tokio::test]
async fn sent_again_under_its_key_it_is_the_same_secret() {
    let (door, request) = open().await;
    door.creates_once("ClientsTable", &request).await;
}
