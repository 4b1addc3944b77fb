//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a provider, and the request for it.
async fn open() -> (TestDoor<Deps>, Provider, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    let request = door.request(Role::Finance).with_path_parameter("id", provider.id.as_str());
    (door, provider, request)
}

#[tokio::test]
async fn a_provider_is_shown_as_it_is_now_with_its_version() {
    let (door, provider, request) = open().await;
    door.answer(request.clone()).await.unwrap();
    door.stage.rename_provider(&provider, "Xendit of the shop").await;
    let answer = door.answer(request).await.unwrap();
    assert_eq!(answer.headers["etag"], "\"2\"");
    let shown = answer.body_json()["provider"].clone();
    assert_eq!((&shown["name"], &shown["version"]), (&json!("Xendit of the shop"), &json!(2)));
}

#[tokio::test]
async fn another_merchants_provider_is_not_there() {
    let (door, _, request) = open().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("one", 200), ("not-there", 404)]).await;
}
