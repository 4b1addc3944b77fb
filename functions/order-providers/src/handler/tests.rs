//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::provider::ProviderType;
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With three providers.
async fn open() -> (TestDoor<Deps>, [Provider; 3]) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let xendit = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    let midtrans = door.stage.add_provider(&door.merchant, ProviderType::Midtrans, &json!({})).await;
    let generic = door.stage.add_provider(&door.merchant, ProviderType::Generic, &json!({})).await;
    (door, [xendit, midtrans, generic])
}

fn ordering(door: &TestDoor<Deps>, ids: &Value) -> ApiRequest {
    door.request(Role::Operations).with_body(json!({"provider_ids": ids}).to_string())
}

async fn found(door: &TestDoor<Deps>, provider: &Provider) -> Provider {
    door.stage.providers().find(&provider.id).await.unwrap().unwrap().provider
}

#[tokio::test]
async fn those_named_come_first_in_that_order_and_the_others_keep_theirs() {
    let (door, [xendit, midtrans, generic]) = open().await;
    let caller = door.caller(Role::Operations);
    let answer = door.body(ordering(&door, &json!([generic.id, xendit.id]))).await;
    assert_eq!(
        answer["priorities"],
        json!([
            {"provider_id": generic.id, "name": generic.name, "priority": 1, "version": 2},
            {"provider_id": xendit.id, "name": xendit.name, "priority": 2, "version": 2},
        ])
    );
    for (provider, expected) in [(&generic, (1, 2)), (&xendit, (2, 2)), (&midtrans, (100, 1))] {
        let now = found(&door, provider).await;
        assert_eq!((now.priority, now.version), expected, "{}", provider.name);
    }
    let history = door.stage.providers().history(&xendit.id, None, 1).await.unwrap();
    let newest = history.changes.first().unwrap();
    assert_eq!(newest.by, caller.actor());
    assert!(newest.members.contains("priority"), "{}", newest.members);
}

#[tokio::test]
async fn the_same_again_writes_nothing() {
    let (door, [xendit, midtrans, _]) = open().await;
    let ids = json!([midtrans.id, xendit.id]);
    let first = door.body(ordering(&door, &ids)).await;
    let rows = door.stage.count("ProvidersTable");
    assert_eq!(door.body(ordering(&door, &ids)).await, first);
    assert_eq!(door.stage.count("ProvidersTable"), rows);
}

#[tokio::test]
async fn with_one_that_is_not_theirs_nothing_is_ordered() {
    let (door, [xendit, midtrans, _]) = open().await;
    let ids = json!([midtrans.id, "prv_00000000000000000000000000", xendit.id]);
    let refused = door.refused_parameter(ordering(&door, &ids)).await;
    assert_eq!(refused, (422, "provider_ids".to_owned()));
    let foreign = door.foreign_caller(Role::Admin).await;
    let refused = door.refused_parameter(ordering(&door, &json!([xendit.id])).with_caller(&foreign)).await;
    assert_eq!(refused, (422, "provider_ids".to_owned()));
    assert_eq!((found(&door, &midtrans).await, found(&door, &xendit).await), (midtrans, xendit));
}

#[tokio::test]
async fn bad_bodies_are_refused_by_name() {
    let (door, [xendit, ..]) = open().await;
    let id = &xendit.id;
    for ids in
        [json!([]), json!(null), json!([id, id]), json!(id), json!([1]), json!(["x"]), json!(vec![id; 51])]
    {
        let refused = door.refused_parameter(ordering(&door, &ids)).await;
        assert_eq!(refused, (422, "provider_ids".to_owned()), "{ids}");
    }
    door.lets_in_those_with(Scope::ProvidersWrite, &ordering(&door, &json!([id]))).await;
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("answered", 200), ("named-twice", 422), ("unknown-parameter", 400)];
    open().await.0.samples_are_answered(&expected).await;
}
