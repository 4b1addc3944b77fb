//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::actor::Actor;
use paywarden_domain::provider::change::ChangeKind;
use paywarden_domain::provider::monitor::Tally;
use paywarden_domain::provider::{ProviderType, Standing};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a provider that is INACTIVE since then.
async fn open(since: &str) -> (TestDoor<Deps>, Provider) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let standing = Standing {
        status: ProviderStatus::Inactive,
        pinned: false,
        by: Actor::Operator,
        at: builders::at(since),
        reason: "never used".to_owned(),
    };
    let provider = Provider { standing, ..builders::provider(&door.merchant, ProviderType::Xendit) };
    let provider = door.stage.add_this_provider(provider, &json!({})).await;
    (door, provider)
}

/// The clock shows eight.
const LONG_AGO: &str = "2026-11-20T07:59:00Z";

fn deleting(door: &TestDoor<Deps>, provider: &Provider) -> ApiRequest {
    door.request(Role::Operations).with_path_parameter("id", provider.id.as_str())
}

async fn is_there(door: &TestDoor<Deps>, provider: &Provider) -> bool {
    door.stage.providers().find(&provider.id).await.unwrap().is_some()
}

async fn refused(door: &TestDoor<Deps>, provider: &Provider) -> (u16, String) {
    let problem = door.refusal(deleting(door, provider)).await;
    assert!(is_there(door, provider).await);
    (problem.status(), problem.error_json("r")["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn one_that_was_never_used_goes_and_its_history_stays() {
    let (door, provider) = open(LONG_AGO).await;
    assert_eq!(door.body(deleting(&door, &provider)).await, json!({"status": true}));
    assert!(!is_there(&door, &provider).await);
    assert_eq!(door.stage.providers().list(&door.merchant.id).await.unwrap(), []);
    let history = door.stage.providers().history(&provider.id, None, 10).await.unwrap();
    let last = history.changes.first().unwrap();
    let caller = door.caller(Role::Operations);
    assert_eq!((last.kind, last.version), (ChangeKind::Deleted, provider.version + 1));
    assert_eq!(last.by, caller.actor());
    assert_eq!(door.refusal(deleting(&door, &provider)).await.status(), 404);
}

#[tokio::test]
async fn one_that_may_still_be_given_a_payment_stays() {
    let (door, just_now) = open("2026-11-20T07:59:01Z").await;
    assert_eq!(refused(&door, &just_now).await, (409, "provider_not_inactive".to_owned()));
    let active = door.stage.add_provider(&door.merchant, ProviderType::Midtrans, &json!({})).await;
    assert_eq!(refused(&door, &active).await, (409, "provider_not_inactive".to_owned()));
}

#[tokio::test]
async fn one_that_carried_a_payment_stays() {
    let (door, provider) = open(LONG_AGO).await;
    let mut draft = builders::draft("INV0045");
    draft.provider = Some(provider.binding());
    door.stage.add_transaction(&door.merchant, draft).await;
    assert_eq!(refused(&door, &provider).await, (409, "provider_in_use".to_owned()));
}

#[tokio::test]
async fn one_that_called_back_stays_and_what_was_refused_is_a_strangers() {
    let (door, provider) = open(LONG_AGO).await;
    let health = &door.deps.health;
    health.record(&provider.id, &Tally { received: 1, ..Tally::default() }).await.unwrap();
    assert_eq!(refused(&door, &provider).await, (409, "provider_in_use".to_owned()));

    let (door, provider) = open(LONG_AGO).await;
    door.deps.health.record(&provider.id, &Tally { refused: 1, ..Tally::default() }).await.unwrap();
    door.body(deleting(&door, &provider)).await;
}

#[tokio::test]
async fn only_the_version_that_was_seen_goes_and_nobody_elses() {
    let (door, provider) = open(LONG_AGO).await;
    let mut outdated = deleting(&door, &provider);
    outdated.headers.insert("if-match", "\"7\"".parse().unwrap());
    assert_eq!(door.refusal(outdated).await.status(), 412);
    let foreign = door.foreign_caller(Role::Admin).await;
    assert_eq!(door.refusal(deleting(&door, &provider).with_caller(&foreign)).await.status(), 404);
    assert!(is_there(&door, &provider).await);
    for role in [Role::Merchant, Role::Finance, Role::Engineering] {
        let request = door.request(role).with_path_parameter("id", provider.id.as_str());
        assert_eq!(door.refusal(request).await.status(), 403, "{role:?} lacks {}", Scope::ProvidersWrite);
    }
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [("unknown-parameter", 400), ("answered", 200)];
    open(LONG_AGO).await.0.samples_are_answered(&expected).await;
}
