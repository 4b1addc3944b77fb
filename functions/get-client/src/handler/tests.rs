//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::client::Client;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a client, and the request for it.
async fn open() -> (TestDoor<Deps>, ApiRequest, Client) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let client = door.stage.add_client(&door.merchant, Role::Merchant).await;
    let request = door.request(Role::Admin).with_path_parameter("id", client.id.as_str());
    (door, request, client)
}

#[tokio::test]
async fn a_client_is_shown_without_its_secret() {
    let (door, request, client) = open().await;
    let answer = door.answer(request).await.unwrap();
    let expected = json!({
        "id": client.id,
        "name": "merchant",
        "role": "merchant",
        "scopes": ["transactions:read", "transactions:write", "webhooks:read", "webhooks:write"],
        "allowed_addresses": [],
        "created_at": "2026-01-01 07:00:00",
        "last_used_at": null,
        "previous_secret_valid_until": null,
        "revoked_at": null,
    });
    assert_eq!(answer.body_json()["client"], expected);
}

#[tokio::test]
async fn another_merchants_client_is_as_if_it_did_not_exist() {
    let (door, request, _) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let absent = request.clone().with_path_parameter("id", "cli_00000000000000000000000000");
    let theirs = door.refusal(request.clone().with_caller(&foreign)).await;
    assert_eq!((theirs.status(), &theirs), (404, &door.refusal(absent).await));
    let nonsense = request.with_path_parameter("id", "tra_00000000000000000000000000");
    assert_eq!(door.refused_parameter(nonsense).await, (400, "id".to_owned()));
}

#[tokio::test]
async fn looking_needs_the_scope() {
    let (door, request, _) = open().await;
    door.lets_in_those_with(Scope::ClientsWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("answered", 200), ("unknown", 404)]).await;
}
