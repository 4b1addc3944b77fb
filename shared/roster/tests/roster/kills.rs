//! Processes that die: before each single operation of a provider's life, on tables and on the vault.
//!
//! A process that dies takes along what it had counted and not written. Here each one writes what it counts at once, so that
//! whoever counts again after a death counts the same.

use paywarden_domain::provider::ProviderStatus;
use paywarden_store::StoreError;
use serde_json::{Value, json};

use crate::workshop::Workshop;

/// Seconds from one look of the monitoring to the next, and what ends well and badly before it: the usual is learnt, two
/// outages come, and the first one ends.
const LOOKS: [(i64, u32, u32); 15] = [
    (60, 200, 0),
    (35 * 60, 6, 0),
    (60, 0, 20),
    (60, 0, 20),
    (60, 0, 20),
    (11 * 60, 1, 0),
    (60, 6, 0),
    (60, 6, 0),
    (60, 6, 0),
    (31 * 60, 100, 0),
    (31 * 60, 6, 0),
    (60, 0, 30),
    (60, 0, 30),
    (60, 0, 30),
    (2 * 60, 1, 0),
];

/// Does a step; what was cut off is done again by a new process.
async fn done<T>(workshop: &Workshop, step: impl AsyncFn() -> Result<T, StoreError>) {
    while let Err(error) = step().await {
        assert!(workshop.stage.faults.restart(), "nobody was killed: {error}");
    }
}

/// A provider's life: it is added, gets new credentials, is switched off and on by hand, and is watched.
async fn live(workshop: &Workshop) {
    let renewal = json!({"name": "QRIS", "credentials": {"client_secret": "the secret that comes"}});
    done(workshop, async || workshop.add().await).await;
    done(workshop, async || workshop.change(&renewal).await).await;
    for (status, pinned) in [(ProviderStatus::Inactive, true), (ProviderStatus::Active, false)] {
        workshop.stage.clock.advance_seconds(60);
        done(workshop, async || workshop.set(status, pinned).await).await;
    }
    for (seconds, succeeded, failed) in LOOKS {
        done(workshop, async || workshop.traffic(succeeded, failed).await).await;
        workshop.stage.clock.advance_seconds(seconds);
        done(workshop, async || workshop.watch().await).await;
    }
}

/// What is left of a life that was cut off before that operation, and how many operations it had.
async fn life_cut_before(operation: i64) -> (Value, i64) {
    let workshop = Workshop::open().await;
    workshop.add_stuck(3).await;
    workshop.stage.faults.kill_before(operation);
    live(&workshop).await;
    let operations = workshop.stage.faults.operations();
    (workshop.left().await, operations)
}

#[tokio::test]
async fn a_kill_before_any_operation_changes_nothing() {
    let (expected, operations) = life_cut_before(i64::MAX).await;
    let statuses = expected["history"].as_array().unwrap().iter().map(|change| &change["to"]);
    let statuses: Vec<&str> = statuses.map(|status| status.as_str().unwrap()).collect();
    let lived = ["ACTIVE", "ACTIVE", "INACTIVE", "ACTIVE", "MAINTENANCE", "ACTIVE", "MAINTENANCE"];
    assert_eq!(statuses, lived);
    assert_eq!((&expected["shown"]["count"], &expected["memory"]["trips"]), (&json!(3), &json!(2)));
    assert!(operations > 80, "{operations} operations");
    for kill in 0..operations {
        let left = life_cut_before(kill).await.0;
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(left[member], *value, "{member}, killed before operation {kill}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_made_anew_goes_whole_or_not_at_all() {
    let rotation = json!({"rotate_callback_token": true});
    let workshop = Workshop::with_provider().await;
    workshop.stage.faults.kill_before(i64::MAX);
    workshop.change(&rotation).await.unwrap();
    for kill in 0..workshop.stage.faults.operations() {
        let workshop = Workshop::with_provider().await;
        let before = workshop.left().await;
        workshop.stage.faults.kill_before(kill);
        workshop.change(&rotation).await.unwrap_err();
        workshop.stage.faults.restart();
        assert_eq!(workshop.left().await, before, "killed before operation {kill}");
        let old = workshop.credentials().await["current"].clone();
        workshop.change(&rotation).await.unwrap();
        workshop.left().await;
        let credentials = workshop.credentials().await;
        assert_eq!(credentials["previous"]["credentials"], old);
        assert_ne!(credentials["current"]["path_token"], old["path_token"]);
    }
}
