//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With clients of three roles, in the order of their ids.
async fn open() -> (TestDoor<Deps>, ApiRequest, Vec<Value>) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let mut ids = Vec::new();
    for role in [Role::Admin, Role::Merchant, Role::Finance] {
        ids.push(json!(door.stage.add_client(&door.merchant, role).await.id));
    }
    ids.sort_by_key(ToString::to_string);
    let request = door.request(Role::Admin);
    (door, request, ids)
}

fn ids(page: &Value) -> Vec<Value> {
    page["clients"].as_array().unwrap().iter().map(|client| client["id"].clone()).collect()
}

#[tokio::test]
async fn clients_are_listed_page_by_page_without_secrets() {
    let (door, request, expected) = open().await;
    let pages = door.pages(request.clone().with_query("limit=2")).await;
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), expected);
    let first = door.answer(request).await.unwrap();
    assert!(!first.body.contains("secret_hash") && !first.body.contains("sha256"), "{}", first.body);
}

/// What lies beside the clients in their table is none.
#[tokio::test]
async fn failures_are_no_clients() {
    let (door, request, expected) = open().await;
    let client = builders::client(&door.merchant, Role::Merchant);
    door.stage.stores().failures().unwrap().count(&client.id).await.unwrap();
    assert_eq!(ids(&door.body(request).await), expected);
}

/// A page of nothing but rows that a newer version wrote does not end the list.
#[tokio::test]
async fn a_client_that_cannot_be_read_hides_no_other() {
    let (door, request, expected) = open().await;
    door.stage.spoil("ClientsTable", "role", |item| item["id"]["S"] == expected[0]);
    let pages = door.pages(request.with_query("limit=1")).await;
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), expected[1..]);
}

#[tokio::test]
async fn merchants_see_their_own_clients_only() {
    let (door, request, _) = open().await;
    let foreign = door.foreign_caller(Role::Admin).await;
    let theirs = request.clone().with_caller(&foreign);
    assert_eq!(door.body(theirs.clone()).await["clients"], json!([]));
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
