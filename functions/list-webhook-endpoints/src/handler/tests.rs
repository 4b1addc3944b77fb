//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::{EventType, Health};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{TestDoor, builders};
use serde_json::Value;

use super::*;
use crate::DOOR;

/// With webhook endpoints of these descriptions, and the request for them.
async fn open(descriptions: &[&str]) -> (TestDoor<Deps>, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    for description in descriptions {
        let now = door.stage.clock().now();
        let id = EndpointId::mint(now, door.stage.entropy.as_ref());
        let url = "https://shop.example/hooks".to_owned();
        let endpoint = Endpoint {
            description: Some((*description).to_owned()),
            ..Endpoint::new(id, door.merchant.id.clone(), url, EventType::DEFAULT.to_vec(), now)
        };
        let sealed_secret = "sealed".to_owned();
        let stored = StoredEndpoint { endpoint, sealed_secret, previous_secret: None };
        door.stage.endpoints().create(&stored).await.unwrap();
        door.stage.clock.advance_seconds(1);
    }
    let request = door.request(Role::Engineering);
    (door, request)
}

#[tokio::test]
async fn endpoints_are_listed_oldest_first_without_secrets() {
    let (door, request) = open(&["a", "b", "c"]).await;
    let request = request.with_query("limit=2");
    let first = door.answer(request.clone()).await.unwrap();
    assert!(!first.body.contains("sealed"), "{}", first.body);
    let descriptions = |body: &Value| -> Vec<Value> {
        body["webhook_endpoints"].as_array().unwrap().iter().map(|one| one["description"].clone()).collect()
    };
    let pages = door.pages(request).await;
    assert_eq!(pages.iter().map(descriptions).collect::<Vec<_>>(), [vec!["a", "b"], vec!["c"]]);
    assert_eq!(pages[1]["next_cursor"], Value::Null);
}

#[tokio::test]
async fn each_is_shown_with_how_it_does() {
    let (door, request) = open(&["a", "b"]).await;
    let stored = door.stage.endpoints().list(&door.merchant.id).await.unwrap().remove(1);
    let healths = door.stage.stores().endpoint_healths().unwrap();
    let health = Health { consecutive_failures: 3, ..Health::default() };
    healths.write(&door.merchant.id, &stored.endpoint.id, &Default::default(), &health, None).await.unwrap();
    let delivery = builders::delivery(&stored.endpoint, 1);
    door.stage.deliveries().plan(&delivery).await.unwrap();
    door.stage.deliveries().park(&delivery).await.unwrap();
    let body = door.body(request).await;
    let of = |place: usize, name: &str| body["webhook_endpoints"][place]["health"][name].clone();
    assert_eq!((of(0, "consecutive_failures"), of(0, "parked")), (json!(0), json!(0)));
    assert_eq!((of(1, "consecutive_failures"), of(1, "parked")), (json!(3), json!(1)));
}

#[tokio::test]
async fn merchants_see_their_own_endpoints_only() {
    let (door, request) = open(&["a", "b"]).await;
    let foreign = door.foreign_caller(Role::Engineering).await;
    let theirs = request.clone().with_caller(&foreign);
    assert_eq!(door.body(theirs.clone()).await["webhook_endpoints"], json!([]));
    let first = door.body(request.with_query("limit=1")).await;
    let query = format!("cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(door.refusal(theirs.with_query(&query)).await.status(), 400);
}

#[tokio::test]
async fn listing_needs_the_scope() {
    let (door, request) = open(&[]).await;
    door.lets_in_those_with(Scope::WebhooksRead, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open(&[]).await.0.samples_are_answered(&[("first-page", 200), ("foreign-cursor", 400)]).await;
}
