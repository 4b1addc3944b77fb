//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::actor::Actor;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_testing::TestDoor;

use super::*;
use crate::DOOR;

/// With a provider.
async fn open() -> (TestDoor<Deps>, Provider) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await;
    (door, provider)
}

fn setting(door: &TestDoor<Deps>, provider: &Provider, body: &Value) -> ApiRequest {
    let request = door.request(Role::Operations).with_path_parameter("id", provider.id.as_str());
    request.with_body(body.to_string())
}

/// Sets a status and answers the provider as it is shown then.
async fn set(door: &TestDoor<Deps>, provider: &Provider, status: &str, reason: &str, pin: bool) -> Value {
    let body = json!({"status": status, "reason": reason, "pin": pin});
    door.body(setting(door, provider, &body)).await["provider"].clone()
}

#[tokio::test]
async fn each_change_keeps_who_when_why() {
    let (door, provider) = open().await;
    let caller = door.caller(Role::Operations);
    let shown = set(&door, &provider, "MAINTENANCE", "their database moves", true).await;
    for (name, expected) in [
        ("status", json!("MAINTENANCE")),
        ("status_pinned", json!(true)),
        ("status_reason", json!("their database moves")),
        ("status_changed_by", json!(caller.principal)),
        ("status_changed_at", json!("2026-11-20T15:00:00+07:00")),
        ("version", json!(2)),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
    let history = door.stage.providers().history(&provider.id, None, 10).await.unwrap();
    let newest = history.changes.first().unwrap().to_json(&caller.zone);
    assert_eq!((&newest["from"], &newest["to"]), (&json!("ACTIVE"), &json!("MAINTENANCE")));
    assert_eq!(newest["reason"], "their database moves");
}

#[tokio::test]
async fn inactive_ends_by_hand_and_the_same_again_writes_nothing() {
    let (door, provider) = open().await;
    set(&door, &provider, "INACTIVE", "contract ended", false).await;
    let rows = door.stage.count("ProvidersTable");
    assert_eq!(set(&door, &provider, "INACTIVE", "contract ended", false).await["version"], 2);
    assert_eq!(door.stage.count("ProvidersTable"), rows);
    assert_eq!(set(&door, &provider, "ACTIVE", "contract renewed", false).await["version"], 3);
}

#[tokio::test]
async fn a_maintenance_that_monitoring_began_can_be_taken_over() {
    let (door, provider) = open().await;
    let stored = door.stage.providers().find_latest(&door.merchant.id, &provider.id).await;
    let stored = stored.unwrap().unwrap();
    let (by, at) = (Actor::Automation, door.stage.clock().now());
    let reason = "24 of the last 25 payments failed".to_owned();
    let standing = Standing { status: ProviderStatus::Maintenance, pinned: false, by, at, reason };
    door.deps.keeper.set_standing(stored, standing, None).await.unwrap();
    let taken = set(&door, &provider, "MAINTENANCE", "we look into it", false).await;
    assert_eq!((&taken["status_reason"], &taken["version"]), (&json!("we look into it"), &json!(3)));
    assert_ne!(
        taken["status_changed_by"], "automation",
        "it is a person's now, and automation leaves it alone"
    );
    let history = door.stage.providers().history(&provider.id, None, 1).await.unwrap();
    assert_eq!(
        history.changes.first().unwrap().kind.as_str(),
        "updated",
        "nothing to announce: it stays as it is"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (door, provider) = open().await;
    let cases = [
        (json!({"reason": "why not"}), "status"),
        (json!({"status": "ASLEEP", "reason": "why not"}), "status"),
        (json!({"status": "ACTIVE"}), "reason"),
        (json!({"status": "ACTIVE", "reason": ""}), "reason"),
        (json!({"status": "ACTIVE", "reason": "why not", "pin": "yes"}), "pin"),
        (json!({"status": "ACTIVE", "reason": "why not", "until": "noon"}), "until"),
    ];
    for (body, parameter) in cases {
        let refused = door.refused_parameter(setting(&door, &provider, &body)).await;
        assert_eq!(refused, (422, parameter.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn only_operations_and_admins_may() {
    let (door, provider) = open().await;
    let request = setting(&door, &provider, &json!({"status": "ACTIVE", "reason": "why not"}));
    door.lets_in_those_with(Scope::ProvidersWrite, &request).await;
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("maintenance", 200), ("no-reason", 422)]).await;
}
