//! Replays: what they choose, what they send, and processes that die on the way.

use std::collections::BTreeMap;

use paywarden_domain::id::{DeliveryId, ReplayId, TransactionId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::replay::{Replay, ReplayState, Selection};
use paywarden_domain::webhook::{Delivering, Delivery, DeliveryStatus, Endpoint, EventType};
use paywarden_webhooks::replay::{ReplayError, ReplayKeeper};

use crate::errands::Office;
use crate::receiver::Receiver;

/// Several deliveries that are over: those whose version is in `failing` failed.
async fn told(count: u64, failing: &'static [u64]) -> (Office, Vec<DeliveryId>) {
    let fails = move |body: &str| failing.iter().any(|version| body.contains(&format!("[{version}]")));
    let mut attempts: BTreeMap<String, u32> = BTreeMap::new();
    let receiver = Receiver::deciding(move |post| {
        let made = attempts.entry(post.id.clone()).or_default();
        *made += 1;
        if fails(&post.body) && *made <= 3 { 500 } else { 200 }
    })
    .await;
    let office = Office::telling(Delivering::default(), receiver).await;
    let mut ids = Vec::new();
    for version in 1..=count {
        let delivery = office.workshop.planned(&office.endpoint, version).await;
        office.workshop.stage.clock.advance_seconds(60);
        ids.push(delivery.id);
    }
    office.workshop.stage.clock.advance_seconds(300);
    for id in &ids {
        let delivery = office.stored(id).await;
        let due = office.workshop.stage.clock.now();
        office.stores.deliveries().unwrap().put_off(&delivery.key(), due).await.unwrap();
    }
    office.work().await;
    (office, ids)
}

fn since(office: &Office, seconds: i64) -> Selection {
    let from = office.workshop.stage.clock.now().plus_seconds(-seconds);
    Selection { from: Some(from), ..Selection::default() }
}

fn keeper(office: &Office) -> ReplayKeeper {
    ReplayKeeper::of(&office.stores).unwrap()
}

async fn endpoint(office: &Office) -> Endpoint {
    let merchant = &office.workshop.merchant.id;
    let found = office.stores.endpoints().unwrap().find(merchant, &office.endpoint).await.unwrap();
    found.unwrap().endpoint
}

async fn begun(office: &Office, selection: Selection) -> ReplayId {
    let (keeper, endpoint) = (keeper(office), endpoint(office).await);
    let counted = keeper.count(&endpoint.id, &selection).await.unwrap();
    keeper.begin(&endpoint, selection, counted).await.unwrap().id
}

async fn replay(office: &Office, id: &ReplayId) -> Replay {
    office.stores.webhook_replays().unwrap().find(&office.endpoint, id).await.unwrap().unwrap()
}

/// How often each delivery was posted.
fn posts(office: &Office) -> BTreeMap<String, usize> {
    let mut posts = BTreeMap::new();
    for post in office.receiver.posts() {
        *posts.entry(post.id).or_default() += 1;
    }
    posts
}

#[tokio::test]
async fn what_failed_is_sent_again_under_its_id_with_its_bytes() {
    let (office, ids) = told(3, &[2]).await;
    let before = office.stored(&ids[1]).await;
    assert_eq!((before.status, before.attempts), (DeliveryStatus::Failed, 3));
    let selection = Selection { status: Some(DeliveryStatus::Failed), ..since(&office, 86_400) };
    let id = begun(&office, selection).await;
    assert_eq!(
        (replay(&office, &id).await.state, replay(&office, &id).await.counted),
        (ReplayState::Running, 1)
    );
    office.work().await;
    let done = replay(&office, &id).await;
    assert_eq!((done.state, done.queued), (ReplayState::Completed, 1));
    let after = office.stored(&ids[1]).await;
    assert_eq!((after.status, after.attempts, after.attempts_before), (DeliveryStatus::Delivered, 4, 3));
    assert_eq!((after.body, after.replay_id), (before.body, Some(id)));
    assert_eq!(posts(&office).into_values().collect::<Vec<_>>(), [1, 4, 1]);
    assert!(office.receiver.bodies().values().all(|bodies| bodies.len() == 1));
}

#[tokio::test]
async fn a_replay_that_fails_again_goes_through_the_whole_schedule() {
    let (office, ids) = told(1, &[]).await;
    let deliveries = office.stores.deliveries().unwrap();
    let delivery = office.stored(&ids[0]).await;
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Delivered, 1));
    let id = begun(&office, Selection { delivery_id: Some(ids[0].clone()), ..Selection::default() }).await;
    let put_back = deliveries.put_back(&delivery, &id, office.workshop.stage.clock.now()).await.unwrap();
    assert_eq!((put_back.attempts, put_back.attempts_before), (1, 1));
    office.work().await;
    assert_eq!(
        posts(&office).into_values().collect::<Vec<_>>(),
        [2],
        "it is queued again and sent once more"
    );
    assert_eq!(replay(&office, &id).await.queued, 1);
}

#[tokio::test]
async fn each_member_of_the_selection_narrows_it() {
    let (office, ids) = told(4, &[2, 3]).await;
    let (keeper, all) = (keeper(&office), since(&office, 86_400));
    let transaction = office.stored(&ids[0]).await.transaction_id;
    let other = TransactionId::of(&office.workshop.merchant.id, "INV9", 1);
    let cases = [
        (4, all.clone()),
        (2, Selection { status: Some(DeliveryStatus::Failed), ..all.clone() }),
        (2, Selection { http_class: Some(2), ..all.clone() }),
        (2, Selection { http_class: Some(5), ..all.clone() }),
        (0, Selection { http_class: Some(4), ..all.clone() }),
        (4, Selection { event: Some(EventType::TransactionCreated), ..all.clone() }),
        (0, Selection { event: Some(EventType::TransactionUpdated), ..all.clone() }),
        (4, Selection { transaction_id: transaction, ..all.clone() }),
        (0, Selection { transaction_id: Some(other), ..all.clone() }),
        (1, Selection { delivery_id: Some(ids[2].clone()), ..Selection::default() }),
        (0, Selection { delivery_id: Some(ids[2].clone()), until: all.from, ..Selection::default() }),
        (0, Selection { from: Some(office.workshop.stage.clock.now()), ..Selection::default() }),
    ];
    for (expected, selection) in cases {
        assert_eq!(keeper.count(&office.endpoint, &selection).await, Ok(expected), "{selection:?}");
    }
}

#[tokio::test]
async fn what_is_not_over_or_comes_later_is_left_alone() {
    let (office, ids) = told(2, &[]).await;
    let planned = office.workshop.planned(&office.endpoint, 3).await;
    let parked = office.workshop.planned(&office.endpoint, 4).await;
    office.stores.deliveries().unwrap().park(&parked).await.unwrap();
    office.workshop.stage.clock.advance_seconds(1);
    let id = begun(&office, since(&office, 86_400)).await;
    assert_eq!(replay(&office, &id).await.counted, 2);
    office.workshop.stage.clock.advance_seconds(1);
    let later = office.workshop.planned(&office.endpoint, 5).await;
    office.work().await;
    for delivery in [planned, parked, later] {
        assert_eq!(office.stored(&delivery.id).await.replay_id, None);
    }
    assert_eq!(office.stored(&ids[1]).await.replay_id, Some(id));
}

/// A delivery that went out within another one.
async fn gathered(office: &Office, version: u64, batch: &DeliveryId) -> Delivery {
    let delivery = office.workshop.planned(&office.endpoint, 100 + version).await;
    let gathered = Delivery {
        id: DeliveryId::of(&office.endpoint, "gathered", version, office.workshop.stage.clock.now()),
        status: DeliveryStatus::Gathered,
        batch_id: Some(batch.clone()),
        ..delivery
    };
    office.stores.deliveries().unwrap().plan(&gathered).await.unwrap();
    gathered
}

#[tokio::test]
async fn what_went_out_within_another_delivery_leads_to_that() {
    let (office, ids) = told(1, &[]).await;
    let members = [gathered(&office, 1, &ids[0]).await, gathered(&office, 2, &ids[0]).await];
    let transaction_id = members[0].transaction_id.clone();
    office.workshop.stage.clock.advance_seconds(1);
    for selection in [
        Selection { delivery_id: Some(members[1].id.clone()), ..Selection::default() },
        Selection { transaction_id, from: since(&office, 1).from, ..Selection::default() },
    ] {
        let before = office.stored(&ids[0]).await.attempts;
        assert_eq!(keeper(&office).count(&office.endpoint, &selection).await, Ok(1));
        let id = begun(&office, selection).await;
        office.work().await;
        let (batch, done) = (office.stored(&ids[0]).await, replay(&office, &id).await);
        assert_eq!((batch.attempts, batch.status, done.queued), (before + 1, DeliveryStatus::Delivered, 1));
    }
    assert_eq!(office.stored(&members[0].id).await.status, DeliveryStatus::Gathered);
}

#[tokio::test]
async fn more_than_a_step_is_done_in_steps() {
    let (office, _) = told(210, &[]).await;
    let id = begun(&office, since(&office, 86_400)).await;
    office.work().await;
    let done = replay(&office, &id).await;
    assert_eq!((done.state, done.counted, done.queued), (ReplayState::Completed, 210, 210));
    assert!(posts(&office).into_values().all(|posts| posts == 2));
}

#[tokio::test]
async fn more_than_the_limit_is_refused() {
    let (office, _) = told(1, &[]).await;
    let (deliveries, at) = (office.stores.deliveries().unwrap(), office.workshop.stage.clock.now());
    let of = (office.endpoint.clone(), office.workshop.merchant.id.clone());
    let limit = 7;
    for number in 0..=u64::from(limit) {
        let id = DeliveryId::of(&office.endpoint, "many", number, at);
        let new = Delivery::new(id, of.clone(), EventType::TransactionCreated, "{}".to_owned(), at);
        deliveries.plan(&Delivery { status: DeliveryStatus::Failed, ..new }).await.unwrap();
    }
    office.workshop.stage.clock.advance_seconds(1);
    let counted = async |keeper: ReplayKeeper| keeper.count(&office.endpoint, &since(&office, 2)).await;
    assert_eq!(counted(keeper(&office).limited_to(limit)).await, Err(ReplayError::TooMany));
    assert!(counted(keeper(&office).limited_to(limit + 2)).await.is_ok());
}

/// What is left when a replay of three deliveries is over, one of which fails once more.
async fn replayed(kill: i64) -> (Office, ReplayId, i64) {
    let (office, ids) = told(3, &[2]).await;
    let id = begun(&office, since(&office, 86_400)).await;
    office.workshop.stage.faults.kill_before(kill);
    office.work().await;
    let operations = office.workshop.stage.faults.operations();
    office.workshop.stage.faults.restart();
    for delivery in ids {
        let stored = office.stored(&delivery).await;
        assert_eq!(
            (stored.status, stored.replay_id),
            (DeliveryStatus::Delivered, Some(id.clone())),
            "kill {kill}"
        );
        assert_eq!(stored.attempts, stored.attempts_before + 1, "kill {kill}");
    }
    (office, id, operations)
}

#[tokio::test]
async fn a_kill_before_any_operation_of_a_replay_loses_nothing_and_doubles_nothing() {
    let (_, _, operations) = replayed(i64::MAX).await;
    assert!(operations > 20, "{operations} operations");
    for kill in 0..operations {
        let (office, id, _) = replayed(kill).await;
        let done = replay(&office, &id).await;
        assert_eq!((done.state, done.counted, done.queued), (ReplayState::Completed, 3, 3), "kill {kill}");
        let posts: usize = posts(&office).into_values().sum();
        assert!((1 + 3 + 1 + 3..=1 + 3 + 1 + 3 + 1).contains(&posts), "kill {kill}: {posts} posts");
        assert!(office.receiver.bodies().values().all(|bodies| bodies.len() == 1), "kill {kill}");
        assert!(office.workshop.in_index().await.is_empty(), "kill {kill}");
    }
}
