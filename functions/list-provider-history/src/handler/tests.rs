//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a provider, and the request for its history.
async fn open() -> (TestDoor<Deps>, Provider, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    let request = door.request(Role::Finance).with_path_parameter("id", provider.id.as_str());
    (door, provider, request)
}

#[tokio::test]
async fn the_history_is_paged_newest_first() {
    let (door, provider, request) = open().await;
    for name in ["a", "b", "c"] {
        door.stage.rename_provider(&provider, name).await;
    }
    let pages = door.pages(request.with_query("limit=3")).await;
    let versions = |body: &Value| -> Vec<u64> {
        body["history"].as_array().unwrap().iter().map(|change| change["version"].as_u64().unwrap()).collect()
    };
    assert_eq!(pages.iter().map(versions).collect::<Vec<_>>(), [vec![4, 3, 2], vec![1]]);
    assert_eq!(pages[0]["history"][0]["changes"], json!({"name": {"from": "b", "to": "c"}}));
    assert_eq!(pages[1]["next_cursor"], Value::Null);
    assert_eq!(pages[1]["history"][0]["kind"], "created");
}

#[tokio::test]
async fn another_merchants_provider_is_not_there() {
    let (door, _, request) = open().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("first-page", 200), ("not-there", 404)]).await;
}
