//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
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

fn asking(door: &TestDoor<Deps>, provider: &Provider) -> ApiRequest {
    door.request(Role::Operations).with_path_parameter("id", provider.id.as_str())
}

async fn outcomes(door: &TestDoor<Deps>, provider: &Provider) -> Value {
    door.body(asking(door, provider)).await["outcomes"].clone()
}

/// So many payments that took so long, and a failure.
fn tally(succeeded: u32, seconds: i64) -> Tally {
    let mut tally = Tally { received: succeeded, used: succeeded, succeeded, failed: 1, ..Tally::default() };
    (0..succeeded).for_each(|_| tally.waits.count(seconds));
    tally
}

#[tokio::test]
async fn each_period_has_what_happened_in_it() {
    let (door, provider) = open().await;
    // A day and an hour ago, two hours ago, and two minutes ago.
    for (tally, pause) in [(tally(3, 40), 23 * 3600), (tally(5, 100), 2 * 3600 - 120), (tally(1, 8), 120)] {
        door.stage.health().record(&provider.id, &tally).await.unwrap();
        door.stage.clock.advance_seconds(pause);
    }
    let shown = outcomes(&door, &provider).await;
    let numbers = |index: usize| {
        let period = &shown["periods"][index];
        json!([
            period["period"],
            period["succeeded"],
            period["failed"],
            period["success_share"],
            period["median_seconds_to_success"],
            period["callbacks_received"]
        ])
    };
    assert_eq!(numbers(0), json!(["hour", 1, 1, "0.5000", 10, 1]));
    assert_eq!(numbers(1), json!(["day", 6, 2, "0.7500", 120, 6]));
    assert_eq!(numbers(2), json!(["week", 9, 3, "0.7500", 120, 9]));
    assert_eq!(shown["silent_minutes"], 2);
}

#[tokio::test]
async fn a_provider_that_nobody_used_has_no_share_and_no_silence() {
    let (door, provider) = open().await;
    let shown = outcomes(&door, &provider).await;
    assert_eq!((&shown["silent_minutes"], &shown["provider_status"]), (&Value::Null, &json!("ACTIVE")));
    for period in shown["periods"].as_array().unwrap() {
        assert_eq!(
            (&period["success_share"], &period["median_seconds_to_success"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert_eq!(
        (&shown["monitoring"]["judges"], &shown["monitoring"]["silence"]),
        (&json!(true), &Value::Null)
    );
}

#[test]
fn a_share_is_never_more_than_it_is() {
    let of = |succeeded, failed| share(&Tally { succeeded, failed, ..Tally::default() });
    assert_eq!(of(1, 0).as_deref(), Some("1.0000"));
    assert_eq!(of(99_999, 1).as_deref(), Some("0.9999"));
    assert_eq!(of(0, 7).as_deref(), Some("0.0000"));
    assert_eq!(of(0, 0), None);
}

#[tokio::test]
async fn it_needs_the_scope_and_the_merchants_own_provider() {
    let (door, provider) = open().await;
    door.lets_in_those_with(Scope::ProvidersRead, &asking(&door, &provider)).await;
    let stranger = door.foreign_caller(Role::Admin).await;
    let request = asking(&door, &provider).with_caller(&stranger);
    assert_eq!(door.refusal(request).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    let (door, _) = open().await;
    door.samples_are_answered(&[("xendit", 200), ("unknown-parameter", 400)]).await;
}
