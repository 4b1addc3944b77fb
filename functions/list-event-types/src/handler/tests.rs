//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::webhook::EventType;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

async fn open() -> TestDoor<Deps> {
    TestDoor::open(DOOR, Deps::of, handle).await
}

#[tokio::test]
async fn every_event_is_listed_with_whether_it_can_be_subscribed_to() {
    let door = open().await;
    let body = door.body(door.request(Role::Merchant)).await;
    let listed: Vec<_> = body["event_types"].as_array().unwrap().clone();
    assert_eq!(listed.len(), EventType::ALL.len());
    for described in listed {
        let event = described["event"].as_str().unwrap();
        assert_eq!(described["subscribable"], event != "webhook.test", "{event}");
        assert!(!described["description"].as_str().unwrap().is_empty(), "{event}");
    }
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let door = open().await;
    door.lets_in_those_with(Scope::WebhooksRead, &door.request(Role::Merchant)).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.samples_are_answered(&[("answered", 200), ("unknown-parameter", 400)]).await;
}
