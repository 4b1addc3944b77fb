//! What people do: done twice it is done once, and nothing is written over what is there.

use paywarden_domain::actor::Actor;
use paywarden_domain::provider::change::ChangeKind;
use paywarden_domain::provider::{Provider, ProviderStatus};
use paywarden_store::StoreError;
use serde_json::json;

use crate::workshop::Workshop;

#[tokio::test]
async fn a_provider_that_is_there_is_not_added_again() {
    let workshop = Workshop::with_provider().await;
    workshop.change(&json!({"priority": 7})).await.unwrap();
    let before = workshop.left().await;
    // The same one: an earlier try was cut off behind its write.
    assert_eq!(workshop.add().await, Ok(()));
    let provider = workshop.find().await.unwrap().provider;
    let created_at = provider.created_at.plus_seconds(1);
    assert_eq!(workshop.add_this(Provider { created_at, ..provider }).await, Err(StoreError::Conflict));
    assert_eq!(workshop.left().await, before);
}

#[tokio::test]
async fn what_is_done_again_writes_nothing() {
    let workshop = Workshop::with_provider().await;
    let renewal = json!({"name": "QRIS", "credentials": {"client_secret": "the secret that comes"}});
    let (mut left, mut versions) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        workshop.stage.clock.advance_seconds(60);
        versions.push(workshop.change(&renewal).await.unwrap().version);
        left.push(workshop.left().await);
    }
    assert_eq!(left[0], left[1]);
    // The last one says nothing new but that it is to stay so.
    let standings =
        [(ProviderStatus::Active, true), (ProviderStatus::Inactive, false), (ProviderStatus::Inactive, true)];
    for (status, pinned) in standings {
        for _ in 0..2 {
            workshop.stage.clock.advance_seconds(60);
            versions.push(workshop.set(status, pinned).await.unwrap().version);
        }
    }
    assert_eq!(versions, [2, 2, 3, 3, 4, 4, 5, 5]);
}

#[tokio::test]
async fn credentials_that_are_given_again_keep_those_before_them_good() {
    let workshop = Workshop::with_provider().await;
    let renewal = json!({"credentials": {"client_secret": "the secret that comes"}});
    workshop.change(&renewal).await.unwrap();
    workshop.change(&renewal).await.unwrap();
    let credentials = workshop.credentials().await;
    assert_eq!(credentials["current"]["client_secret"], "the secret that comes");
    assert_eq!(credentials["previous"]["credentials"]["client_secret"], "the secret before");
    let tokens =
        [&credentials["current"], &credentials["previous"]["credentials"]].map(|one| &one["path_token"]);
    assert_eq!(tokens[0], tokens[1], "the address of callbacks is the same");
    workshop.left().await;
}

#[tokio::test]
async fn what_automation_decided_is_a_persons_decision_when_a_person_says_the_same() {
    let workshop = Workshop::with_provider().await;
    workshop.failing().await;
    workshop.watch().await.unwrap();
    let decided = workshop.latest().await;
    assert_eq!((decided.status(), &decided.standing.by), (ProviderStatus::Maintenance, &Actor::Automation));
    let stored = workshop.find().await.unwrap();
    let mut standing = decided.standing.clone();
    standing.by = Actor::Operator;
    workshop.keeper().set_standing(stored, standing, None).await.unwrap();
    workshop.minutes(60, 6, 0).await;
    let kept = workshop.latest().await;
    assert_eq!((kept.status(), &kept.standing.by), (ProviderStatus::Maintenance, &Actor::Operator));
    assert_eq!(workshop.history().await.last().unwrap().kind, ChangeKind::Updated);
}
