//! Two who write the same provider: one is let in, from beginning to end, before each single operation of the other. Who is
//! told of a conflict looks again and does it again, as the API's callers do.

use std::sync::Arc;

use paywarden_domain::actor::Actor;
use paywarden_domain::provider::ProviderStatus;
use paywarden_store::StoreError;
use serde_json::{Value, json};

use crate::workshop::Workshop;

/// Somebody who does something to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Renames,
    Prioritizes,
    Orders,
    Renews,
    Pins,
    Watches,
}

impl Who {
    async fn acts(self, workshop: &Workshop) -> Result<(), StoreError> {
        let secret = json!({"credentials": {"client_secret": "the secret that comes"}});
        match self {
            Self::Renames => workshop.change(&json!({"name": "QRIS"})).await.map(drop),
            Self::Prioritizes => workshop.change(&json!({"priority": 7})).await.map(drop),
            Self::Orders => workshop.order().await,
            Self::Renews => workshop.change(&secret).await.map(drop),
            Self::Pins => workshop.set(ProviderStatus::Active, true).await.map(drop),
            Self::Watches => workshop.watch().await,
        }
    }

    /// Until there is no conflict; answers how many there were. Monitoring meets none: it looks again in a minute.
    async fn insists(self, workshop: &Workshop) -> usize {
        for conflicts in 0..3 {
            match self.acts(workshop).await {
                Ok(()) => return conflicts,
                Err(error) => {
                    assert!(error == StoreError::Conflict && self != Self::Watches, "{self:?}: {error}")
                }
            }
        }
        panic!("{self:?} finds no peace");
    }
}

/// Lets `second` in before every operation of `first`, each time in a workshop of its own; answers, by operation, how
/// many conflicts the first one had and the workshop. The last one is the second behind the first.
async fn raced(
    first: Who,
    second: Who,
    prepare: impl AsyncFn() -> Arc<Workshop>,
) -> Vec<(usize, Arc<Workshop>)> {
    let mut outcomes = Vec::new();
    loop {
        let workshop = prepare().await;
        let other = Arc::clone(&workshop);
        let number = i64::try_from(outcomes.len()).unwrap();
        workshop.stage.faults.meanwhile(number, async move { assert_eq!(second.insists(&other).await, 0) });
        let conflicts = first.insists(&workshop).await;
        let last = workshop.stage.faults.nobody_else();
        if last {
            assert_eq!(second.insists(&workshop).await, 0);
        }
        outcomes.push((conflicts, workshop));
        if last {
            return outcomes;
        }
    }
}

/// How many of the orders brought the first one into conflict.
fn conflicts(outcomes: &[(usize, Arc<Workshop>)]) -> usize {
    outcomes.iter().map(|(conflicts, _)| conflicts).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_who_change_one_provider_lose_nothing() {
    for (first, second) in [(Who::Renames, Who::Prioritizes), (Who::Prioritizes, Who::Renames)] {
        let outcomes = raced(first, second, Workshop::with_provider).await;
        assert_eq!((outcomes.len(), conflicts(&outcomes)), (3, 1), "reads, writes");
        for (_, workshop) in outcomes {
            let provider = workshop.latest().await;
            assert_eq!((provider.name.as_str(), provider.priority), ("QRIS", 7));
            assert_eq!(workshop.history().await.len(), 3);
        }
    }
}

/// Whoever orders looks again by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_and_a_change_both_happen() {
    for (first, second, expected) in [(Who::Renames, Who::Orders, 1), (Who::Orders, Who::Renames, 0)] {
        let outcomes = raced(first, second, Workshop::with_provider).await;
        assert_eq!(conflicts(&outcomes), expected, "{first:?}");
        assert!(outcomes.len() >= 3, "reads, writes");
        for (_, workshop) in outcomes {
            let provider = workshop.latest().await;
            assert_eq!((provider.name.as_str(), provider.priority), ("QRIS", 1));
            assert_eq!(workshop.history().await.len(), 3);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_credentials_and_one_of_the_status_both_happen() {
    for (first, second, operations) in [(Who::Renews, Who::Pins, 5), (Who::Pins, Who::Renews, 3)] {
        let outcomes = raced(first, second, Workshop::with_provider).await;
        // Whoever renews finds, opens, seals, writes; whoever pins finds and writes.
        assert_eq!((outcomes.len(), conflicts(&outcomes)), (operations, operations - 2));
        for (_, workshop) in outcomes {
            let (provider, left) = (workshop.latest().await, workshop.left().await);
            assert!(provider.standing.pinned && provider.standing.by == Actor::Operator);
            assert_eq!(left["credentials"]["current"]["client_secret"], "the secret that comes");
            let previous = &left["credentials"]["previous"]["credentials"];
            assert_eq!(previous["client_secret"], "the secret before");
            assert_eq!(workshop.history().await.len(), 3);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_renew_at_once_leave_the_credentials_before_them_good() {
    for (_, workshop) in raced(Who::Renews, Who::Renews, Workshop::with_provider).await {
        let left = workshop.left().await;
        assert_eq!(left["credentials"]["current"]["client_secret"], "the secret that comes");
        assert_eq!(left["credentials"]["previous"]["credentials"]["client_secret"], "the secret before");
        assert_eq!(workshop.history().await.len(), 2);
    }
}

/// A provider that the next look takes out.
async fn failing() -> Arc<Workshop> {
    let workshop = Workshop::with_provider().await;
    workshop.failing().await;
    workshop
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_pins_stays_whatever_monitoring_has_seen() {
    for (first, second) in [(Who::Watches, Who::Pins), (Who::Pins, Who::Watches)] {
        let outcomes = raced(first, second, failing).await;
        let mut decided = 0;
        for (number, (_, workshop)) in outcomes.iter().enumerate() {
            let standing = workshop.latest().await.standing;
            assert!(standing.pinned && standing.status == ProviderStatus::Active, "{first:?} {number}");
            decided += usize::from(workshop.history().await.len() == 3);
            workshop.minutes(5, 0, 20).await;
            assert_eq!(workshop.latest().await.standing, standing, "{first:?} {number}");
        }
        assert!(decided > 0 && decided < outcomes.len(), "{decided} of {}", outcomes.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_changed_meanwhile_is_not_undone_and_the_next_look_decides() {
    let workshop = failing().await;
    workshop.watch().await.unwrap();
    let undisturbed = (workshop.latest().await.standing.status, workshop.memory().await["trips"].clone());
    for (first, second) in [(Who::Watches, Who::Renames), (Who::Renames, Who::Watches)] {
        for (number, (_, workshop)) in raced(first, second, failing).await.into_iter().enumerate() {
            assert_eq!(workshop.latest().await.name, "QRIS", "{first:?} {number}");
            workshop.minutes(1, 0, 20).await;
            let decided = (workshop.latest().await.standing.status, workshop.memory().await["trips"].clone());
            assert_eq!(decided, undisturbed, "{first:?} {number}");
            assert_eq!(workshop.history().await.len(), 3);
        }
    }
}

/// What two looks may leave: one decision, of which monitoring remembers one.
async fn seen(workshop: &Workshop) -> (Vec<Value>, Value) {
    let history = workshop.history().await.into_iter().map(|change| json!(change)).collect();
    (history, workshop.memory().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_looks_at_once_decide_once() {
    let workshop = failing().await;
    workshop.watch().await.unwrap();
    let (history, memory) = seen(&workshop).await;
    for (number, (_, workshop)) in raced(Who::Watches, Who::Watches, failing).await.into_iter().enumerate() {
        let (raced_history, raced_memory) = seen(&workshop).await;
        assert_eq!(raced_history, history, "{number}");
        assert_eq!(raced_memory["trips"], memory["trips"], "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_count_in_the_same_minute_add_up() {
    for _ in 0..8 {
        let workshop = Workshop::with_provider().await;
        let other = Arc::clone(&workshop);
        workshop.stage.faults.meanwhile(0, async move { other.traffic(3, 1).await.unwrap() });
        workshop.traffic(2, 1).await.unwrap();
        workshop.stage.clock.advance_seconds(60);
        let minutes = workshop.stage.health().minutes(&workshop.id, 0).await.unwrap();
        let counted: Vec<_> = minutes.values().map(|tally| (tally.succeeded, tally.failed)).collect();
        assert_eq!(counted, [(5, 2)]);
    }
}
