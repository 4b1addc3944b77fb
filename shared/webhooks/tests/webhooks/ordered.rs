//! Order: of one transaction a version is told when the one before has ended, whoever dies on the way.

use std::collections::BTreeMap;

use paywarden_domain::time::Clock;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_domain::webhook::health::Open;
use paywarden_domain::webhook::{Delivering, DeliveryStatus, Health};
use paywarden_store::webhooks::StoredHealth;
use paywarden_webhooks::EndpointKey;
use paywarden_webhooks::errand::Errand;

use crate::errands::Office;
use crate::receiver::{Post, Receiver};

fn ordered() -> Delivering {
    Delivering { ordered: true, ..Delivering::default() }
}

/// A receiver that refuses the first posts of each id, so many.
async fn refusing(times: u32) -> Receiver {
    let mut refused: BTreeMap<String, u32> = BTreeMap::new();
    let answer = move |post: &Post| {
        let refused = refused.entry(post.id.clone()).or_default();
        *refused += 1;
        if *refused <= times { 500 } else { 200 }
    };
    Receiver::deciding(answer).await
}

async fn open(delivering: Delivering, times: u32) -> Office {
    Office::telling(delivering, refusing(times).await).await
}

/// Each version of a transaction is posted behind all posts of the one before.
fn assert_is_in_order(office: &Office) {
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    let told = office.told();
    for (id, version) in told.iter().flatten() {
        let last = last.entry(id.clone()).or_default();
        assert!(*last <= *version, "{told:?}");
        *last = *version;
    }
}

/// What is still in a lane has ended: the next version finds that out.
async fn nobody_waits(office: &Office, payments: &[Transaction], case: &str) {
    let deliveries = office.stores.deliveries().unwrap();
    for payment in payments {
        for entry in deliveries.lane(&office.endpoint, &payment.id).await.unwrap() {
            let status = office.stored(&entry.delivery_id).await.status;
            let has_ended = matches!(
                status,
                DeliveryStatus::Delivered | DeliveryStatus::Failed | DeliveryStatus::Gathered
            );
            assert!(has_ended, "{case}: {status}");
        }
    }
    assert!(office.workshop.in_index().await.is_empty(), "{case}");
}

#[tokio::test]
async fn a_version_waits_until_the_one_before_has_arrived_or_is_given_up() {
    // Of nine refusals the breaker makes probes, as many as it takes.
    for (times, posts) in [(0, Some(4)), (1, Some(8)), (2, Some(12)), (9, None)] {
        let office = open(ordered(), times).await;
        let payments = office.paid(&["INV1", "INV2"]).await;
        office.plan(office.workshop.transaction_changes()).await;
        office.work().await;
        assert_is_in_order(&office);
        let received = office.receiver.received();
        assert_eq!(received, posts.unwrap_or(received), "{times} refused");
        nobody_waits(&office, &payments, "each").await;
    }
}

#[tokio::test]
async fn versions_that_are_planned_together_go_one_behind_the_other_without_delay() {
    let office = open(ordered(), 1).await;
    let payments = office.paid(&["INV1", "INV2"]).await;
    office.plan(office.workshop.transaction_changes()).await;
    let started = office.workshop.stage.clock.now().as_seconds();
    office.work().await;
    assert_is_in_order(&office);
    assert_eq!(office.receiver.received(), 8);
    let last = office.receiver.posts().last().unwrap().timestamp;
    assert!(last - started < 60, "nobody waits for the sweep: {} seconds", last - started);
    nobody_waits(&office, &payments, "together").await;
    for payment in &payments {
        assert!(
            office.stores.deliveries().unwrap().lane(&office.endpoint, &payment.id).await.unwrap().is_empty()
        );
    }
}

#[tokio::test]
async fn batches_are_in_order_too() {
    let batching = Some(Batching { max_records: 3, max_seconds: 60 });
    let office = open(Delivering { batching, ..ordered() }, 1).await;
    let payments = office.paid(&["INV1", "INV2", "INV3"]).await;
    office.plan(office.workshop.transaction_changes()).await;
    office.work().await;
    assert_is_in_order(&office);
    assert_eq!(office.told().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 3]);
    nobody_waits(&office, &payments, "batches").await;
}

/// Opens the breaker of the office's endpoint; the probe is due now. Answers the errand that makes it.
async fn spared(office: &Office) -> Errand {
    let (merchant, now) = (&office.workshop.merchant.id, office.workshop.stage.clock.now());
    let health = Health { open: Some(Open { since: now, probe_at: now, probes: 0 }), ..Health::default() };
    let healths = office.stores.endpoint_healths().unwrap();
    healths.write(merchant, &office.endpoint, &StoredHealth::default(), &health, Some(now)).await.unwrap();
    Errand::Probe(EndpointKey { merchant_id: merchant.clone(), endpoint_id: office.endpoint.clone() })
}

#[tokio::test]
async fn a_probe_overtakes_nothing() {
    let office = open(ordered(), 0).await;
    office.paid(&["INV1"]).await;
    office.plan(office.workshop.transaction_changes()).await;
    let mut deliveries = office.workshop.queued().await;
    deliveries.sort_by_key(|delivery| delivery.version);
    let [first, second] = deliveries.try_into().unwrap();
    let kept = office.stores.deliveries().unwrap();
    kept.park(&second).await.unwrap();
    let probe = spared(&office).await;
    office.courier().run(probe.clone()).await.unwrap();
    assert_eq!(office.receiver.received(), 0, "the first version is not parked, and has not ended");
    kept.park(&first).await.unwrap();
    office.workshop.stage.clock.advance_seconds(120);
    office.courier().run(probe).await.unwrap();
    let versions: Vec<u64> = office.told().iter().flatten().map(|(_, version)| *version).collect();
    assert_eq!(versions, [1]);
    office.work().await;
    assert_is_in_order(&office);
    assert_eq!(office.receiver.received(), 2);
}

async fn killed(delivering: Delivering, kill: i64, posts: usize) -> i64 {
    let office = open(delivering, 1).await;
    let payments = office.paid(&["INV1"]).await;
    let changes = office.workshop.transaction_changes();
    office.workshop.stage.faults.kill_before(kill);
    office.plan(changes).await;
    office.work().await;
    let operations = office.workshop.stage.faults.operations();
    office.workshop.stage.faults.restart();
    assert_is_in_order(&office);
    assert!((posts..=posts + 1).contains(&office.receiver.received()), "kill {kill}: {:?}", office.told());
    assert_eq!(office.told().last().unwrap()[0].1, 2, "kill {kill}");
    nobody_waits(&office, &payments, &format!("kill {kill}")).await;
    operations
}

#[tokio::test]
async fn a_kill_before_any_operation_keeps_the_order_and_loses_nothing() {
    let batching = Some(Batching { max_records: 3, max_seconds: 60 });
    for delivering in [ordered(), Delivering { batching, ..ordered() }] {
        let operations = killed(delivering.clone(), i64::MAX, 4).await;
        assert!(operations > 20, "{operations} operations");
        for kill in 0..operations {
            killed(delivering.clone(), kill, 4).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_for_two_versions_that_meet_keep_the_order() {
    for first in [0, 1] {
        for turn in 0.. {
            let office = open(ordered(), 1).await;
            let payments = office.paid(&["INV1"]).await;
            office.plan(office.workshop.transaction_changes()).await;
            let mut errands = office.errands();
            let (one, other) = (office.courier(), office.courier());
            let (errand, last) = (errands.remove(first), errands.remove(0));
            office.workshop.stage.faults.meanwhile(turn, async move { other.run(last).await.unwrap() });
            one.run(errand).await.unwrap();
            if !office.workshop.stage.faults.was_let_in() {
                assert!(turn >= 4, "{turn} turns");
                break;
            }
            office.work().await;
            assert_is_in_order(&office);
            assert_eq!(office.told().last().unwrap()[0].1, 2, "turn {turn}");
            nobody_waits(&office, &payments, &format!("turn {turn}")).await;
        }
    }
}
