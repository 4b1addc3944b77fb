//! Batches: several transactions in one post, each once, whoever dies on the way.

use std::collections::BTreeMap;

use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_domain::webhook::{Delivering, Delivery, DeliveryStatus};
use paywarden_store::queue::Message;
use paywarden_store::webhooks::DUE_SHARDS;
use paywarden_webhooks::errand::Errand;

use crate::errands::Office;
use crate::receiver::Receiver;

fn batches_of(max_records: u32) -> Delivering {
    Delivering { batching: Some(Batching { max_records, max_seconds: 60 }), ..Delivering::default() }
}

async fn open(max_records: u32, statuses: &'static [u16]) -> Office {
    Office::telling(batches_of(max_records), Receiver::answering(statuses).await).await
}

/// All deliveries of the endpoint.
async fn deliveries(office: &Office) -> Vec<Delivery> {
    let rows = office.workshop.stage.items("WebhooksTable");
    let ids = rows.iter().filter_map(|row| DeliveryId::parse(row["sk"]["S"].as_str()?).ok());
    let mut found = Vec::new();
    for id in ids {
        found.push(office.stored(&id).await);
    }
    found.sort_by(|left, right| left.id.cmp(&right.id));
    found
}

/// Each record is told once, those of a transaction in ascending order, never two of one in a post, and no post has too many.
fn assert_is_lawful(office: &Office, records: usize, max_records: usize) {
    let told = office.told();
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for post in &told {
        assert!((1..=max_records).contains(&post.len()), "{told:?}");
        let before = last.clone();
        for (id, version) in post {
            assert!(before.get(id).is_none_or(|before| before < version), "{told:?}");
            assert!(before.get(id) == last.get(id), "twice in one post: {told:?}");
            last.insert(id.clone(), *version);
        }
    }
    assert_eq!(told.iter().map(Vec::len).sum::<usize>(), records, "{told:?}");
}

#[tokio::test]
async fn what_waits_goes_out_in_one_post_with_its_exact_records() {
    let office = open(50, &[]).await;
    let payments = office.paid(&["INV1", "INV2", "INV3"]).await;
    office.plan(office.workshop.transaction_changes()).await;
    let planned = deliveries(&office).await;
    assert_eq!(planned.len(), 6);
    assert!(planned.iter().all(|delivery| delivery.status == DeliveryStatus::Gathering));
    let messages = office.workshop.stage.webhook_deliveries.take();
    assert!(messages.iter().all(|message| message.delay_seconds == 60), "nobody is in a hurry");
    office.put(messages).await;
    office.work().await;
    assert_is_lawful(&office, 6, 50);
    assert_eq!(office.told().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    let records =
        |delivery: &Delivery| delivery.body["{\"transactions\":[".len()..delivery.body.len() - 2].to_owned();
    let first: Vec<_> = planned.iter().filter(|of| of.version == Some(1)).map(records).collect();
    let body = format!("{{\"transactions\":[{}]}}", first.join(","));
    assert_eq!(office.receiver.posts()[0].body, body);
    for payment in payments {
        let timeline = office.workshop.timeline(&payment.id).await;
        assert_eq!(timeline.iter().filter(|line| line.starts_with("Webhook")).count(), 2, "{timeline:?}");
    }
    for delivery in deliveries(&office).await {
        let expected =
            if delivery.members.is_empty() { DeliveryStatus::Gathered } else { DeliveryStatus::Delivered };
        assert_eq!(delivery.status, expected);
        assert_eq!(delivery.batch_id.is_some(), delivery.members.is_empty());
    }
}

#[tokio::test]
async fn enough_for_a_post_wait_no_longer() {
    let office = open(2, &[]).await;
    office.paid(&["INV1", "INV2", "INV3"]).await;
    office.plan(office.workshop.transaction_changes()).await;
    let messages = office.workshop.stage.webhook_deliveries.take();
    assert_eq!(messages.iter().filter(|message| message.delay_seconds == 0).count(), 1);
    let started = office.workshop.stage.clock.now();
    office.put(messages).await;
    office.work().await;
    assert_is_lawful(&office, 6, 2);
    assert_eq!(office.receiver.posts()[0].timestamp, started.as_seconds(), "at once");
}

#[tokio::test]
async fn a_stream_batch_that_comes_again_makes_no_new_ones() {
    let office = open(50, &[500]).await;
    office.paid(&["INV1", "INV2"]).await;
    let changes = office.workshop.transaction_changes();
    office.plan(changes.clone()).await;
    office.work().await;
    let (count, told) = (deliveries(&office).await.len(), office.told().len());
    assert_eq!((count, told), (4 + 2, 3), "the first post failed once");
    for change in changes.into_iter().rev() {
        office.plan(vec![change]).await;
    }
    office.work().await;
    assert_eq!((deliveries(&office).await.len(), office.told().len()), (count, told));
}

/// Each of the six records is in one batch, and that has arrived; answers how many batches there are.
async fn assert_each_is_once(office: &Office, case: &str) -> usize {
    let all = deliveries(office).await;
    let (batches, members): (Vec<_>, Vec<_>) = all.into_iter().partition(|of| !of.members.is_empty());
    let gathered: usize = batches.iter().map(|of| of.members.len()).sum();
    assert_eq!((members.len(), gathered), (6, 6), "{case}");
    assert!(batches.iter().all(|of| of.status == DeliveryStatus::Delivered), "{case}");
    assert!(members.iter().all(|of| of.status == DeliveryStatus::Gathered), "{case}");
    assert!(office.receiver.bodies().values().all(|bodies| bodies.len() == 1), "{case}");
    batches.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_gather_at_once_put_no_record_into_two_posts() {
    for turn in 0.. {
        let office = open(2, &[]).await;
        office.paid(&["INV1", "INV2", "INV3"]).await;
        office.plan(office.workshop.transaction_changes()).await;
        let mut errands = office.errands();
        let (one, other, last) = (office.courier(), office.courier(), errands.pop().unwrap());
        office.workshop.stage.faults.meanwhile(turn, async move { other.run(last).await.unwrap() });
        one.run(errands.remove(0)).await.unwrap();
        if !office.workshop.stage.faults.was_let_in() {
            assert!(turn >= 8, "{turn} turns");
            break;
        }
        for errand in errands {
            one.run(errand).await.unwrap();
        }
        office.work().await;
        assert_each_is_once(&office, &format!("turn {turn}")).await;
    }
}

/// A kill between posting and booking posts once more, the same under the same id.
#[tokio::test]
async fn a_kill_before_any_operation_leaves_every_record_in_one_batch() {
    let mut kill = 0;
    loop {
        let office = open(2, &[]).await;
        office.paid(&["INV1", "INV2", "INV3"]).await;
        let changes = office.workshop.transaction_changes();
        office.workshop.stage.faults.kill_before(kill);
        office.plan(changes).await;
        office.work().await;
        let is_over = office.workshop.stage.faults.operations() <= kill;
        office.workshop.stage.faults.restart();
        let batches = assert_each_is_once(&office, &format!("kill {kill}")).await;
        assert!(office.receiver.received() <= batches + 1, "kill {kill}");
        assert!(office.workshop.in_index().await.is_empty(), "kill {kill}");
        if is_over {
            assert!(kill > 40, "{kill} operations");
            return;
        }
        kill += 1;
    }
}

/// Nobody is led to one that cannot be read, so its own errand comes back to it.
#[tokio::test]
async fn what_cannot_be_read_is_asked_for_until_it_can() {
    let office = open(50, &[]).await;
    office.paid(&["INV1"]).await;
    office.plan(office.workshop.transaction_changes()).await;
    let errands = office.errands();
    let stage = &office.workshop.stage;
    stage.spoil("WebhooksTable", "event", |item| item["status"]["S"] == "GATHERING");
    for errand in &errands {
        office.courier().run(errand.clone()).await.unwrap();
    }
    let again = stage.webhook_retries.take();
    let asked: Vec<Errand> =
        again.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
    assert_eq!(asked, errands);
    assert!(again.iter().all(|message| message.delay_seconds == 900));
    assert_eq!(office.receiver.received(), 0);
}

/// Minutes until the sweep has looked at every endpoint.
const ROUND: usize = 16;

/// Seconds behind which nobody should wait any more: what the endpoint with the longest wait asks for, and a quarter of an hour.
const OVERDUE_SECONDS: i64 = 300 + 900;

/// Payments of which nobody comes to tell: all messages are dead letters.
async fn lost(delivering: Delivering, references: &[&str]) -> Office {
    let office = Office::telling(delivering, Receiver::answering(&[]).await).await;
    office.paid(references).await;
    office.plan(office.workshop.transaction_changes()).await;
    assert!(!office.workshop.stage.webhook_deliveries.take().is_empty());
    office
}

/// Sweeps every minute until each endpoint has been looked at. Answers how many messages came of it.
async fn sweep_for_a_round(office: &Office) -> Vec<Message> {
    for _ in 0..ROUND {
        office.workshop.sweeper().run().await.unwrap();
        office.workshop.stage.clock.advance_seconds(60);
    }
    office.workshop.stage.webhook_retries.take()
}

/// The same and what comes of it, again and again until nothing waits any more.
async fn sweep_until_nothing_waits(office: &Office) {
    while deliveries(office).await.iter().any(|of| of.status == DeliveryStatus::Gathering) {
        let queued = sweep_for_a_round(office).await;
        assert!(!queued.is_empty(), "some wait still");
        office.put(queued).await;
        office.work().await;
    }
}

#[tokio::test]
async fn those_whose_errands_are_lost_are_found() {
    let office = lost(batches_of(50), &["INV1", "INV2", "INV3"]).await;
    office.workshop.stage.clock.advance_seconds(OVERDUE_SECONDS);
    let queued = sweep_for_a_round(&office).await;
    assert_eq!(queued.len(), 1, "one for all of the endpoint: {queued:?}");
    office.put(queued).await;
    office.work().await;
    assert_eq!(office.told().iter().map(Vec::len).collect::<Vec<_>>(), [3], "the first versions");
    sweep_until_nothing_waits(&office).await;
    assert_is_lawful(&office, 6, 50);
    assert!(sweep_for_a_round(&office).await.is_empty(), "nobody is left");
}

#[tokio::test]
async fn who_may_still_wait_is_left_alone() {
    let office = lost(batches_of(50), &["INV1"]).await;
    let round = i64::try_from(ROUND).unwrap() * 60;
    office.workshop.stage.clock.advance_seconds(OVERDUE_SECONDS - round);
    assert!(sweep_for_a_round(&office).await.is_empty());
}

#[tokio::test]
async fn more_than_one_post_of_those_who_are_found_go_one_behind_the_other() {
    let references: Vec<String> = (1..=7).map(|number| format!("INV{number}")).collect();
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    let office = lost(batches_of(2), &references).await;
    office.workshop.stage.clock.advance_seconds(OVERDUE_SECONDS);
    let queued = sweep_for_a_round(&office).await;
    office.put(queued).await;
    office.work().await;
    assert!(office.told().len() >= 3, "{:?}", office.told());
    sweep_until_nothing_waits(&office).await;
    assert_is_lawful(&office, 14, 2);
}

/// The one that is in front cannot be read.
#[tokio::test]
async fn what_cannot_be_read_hides_nobody_who_is_overdue() {
    let office = lost(batches_of(50), &["INV1", "INV2"]).await;
    let spoilt = deliveries(&office).await[0].id.clone();
    office.workshop.stage.spoil("WebhooksTable", "event", |item| item["sk"]["S"] == spoilt.as_str());
    office.workshop.stage.clock.advance_seconds(OVERDUE_SECONDS);
    for _ in 0..2 {
        let queued = sweep_for_a_round(&office).await;
        office.put(queued).await;
        office.work().await;
    }
    assert_eq!(office.told().iter().map(Vec::len).sum::<usize>(), 3, "{:?}", office.told());
}

/// A sweep that finds nobody reads a shard of those who wait, whatever their number.
#[tokio::test]
async fn looking_for_those_who_are_overdue_is_one_read_for_each_endpoint() {
    let office = lost(batches_of(50), &["INV1", "INV2", "INV3"]).await;
    let stage = &office.workshop.stage;
    let mut reads = Vec::new();
    for _ in 0..ROUND {
        stage.faults.kill_before(i64::MAX);
        office.workshop.sweeper().run().await.unwrap();
        reads.push(stage.faults.operations() - i64::from(DUE_SHARDS));
        stage.clock.advance_seconds(60);
    }
    reads.sort_unstable();
    assert_eq!((reads[0], reads[ROUND - 2], reads[ROUND - 1]), (1, 1, 2), "{reads:?}");
}

/// The errand of the sweep ends with itself: the next one comes from the sweep, and there is never more than one.
#[tokio::test]
async fn a_version_that_has_to_wait_for_another_is_asked_for_once_a_round() {
    let office = lost(Delivering { ordered: true, ..batches_of(50) }, &["INV1"]).await;
    let planned = deliveries(&office).await;
    let first = planned.iter().find(|of| of.version == Some(1)).unwrap();
    office.courier().run(Errand::Gather(first.key())).await.unwrap();
    assert_eq!(
        office.workshop.stage.webhook_retries.take().len(),
        1,
        "of the first version's post, lost too"
    );
    office.workshop.stage.clock.advance_seconds(OVERDUE_SECONDS);
    for _ in 0..3 {
        let queued = sweep_for_a_round(&office).await;
        let overdue = queued.iter().filter_map(|message| serde_json::from_str(&message.body).ok());
        let overdue: Vec<_> =
            overdue.filter(|errand| matches!(errand, Errand::GatherOverdue { .. })).collect();
        assert_eq!(overdue.len(), 1, "{queued:?}");
        office.courier().run(overdue[0].clone()).await.unwrap();
        assert!(office.workshop.stage.webhook_retries.take().is_empty());
    }
}

/// Which minute of a round it is.
fn minute(office: &Office) -> usize {
    usize::try_from(office.workshop.stage.clock.now().as_seconds() / 60).unwrap() % ROUND
}

/// The minute in which the sweep looks at the endpoint, which has the same id in each office.
async fn minute_of_the_endpoint() -> usize {
    let office = lost(batches_of(2), &["INV1"]).await;
    office.workshop.stage.clock.advance_seconds(OVERDUE_SECONDS);
    for _ in 0..ROUND {
        office.workshop.sweeper().run().await.unwrap();
        if !office.workshop.stage.webhook_retries.take().is_empty() {
            return minute(&office);
        }
        office.workshop.stage.clock.advance_seconds(60);
    }
    panic!("nobody looks at it");
}

/// Only the sweeps that look at the endpoint, for the others have nothing to do.
#[tokio::test]
async fn a_kill_while_those_are_found_who_are_overdue_loses_nobody() {
    let (looked_at, mut kill) = (minute_of_the_endpoint().await, 0);
    loop {
        let office = lost(batches_of(2), &["INV1", "INV2", "INV3"]).await;
        let stage = &office.workshop.stage;
        stage.clock.advance_seconds(OVERDUE_SECONDS);
        stage.faults.kill_before(kill);
        for _ in 0..5 {
            while minute(&office) != looked_at {
                stage.clock.advance_seconds(60);
            }
            if office.workshop.sweeper().run().await.is_err() {
                stage.faults.restart();
            }
            office.work().await;
            stage.clock.advance_seconds(60);
        }
        let is_over = stage.faults.operations() <= kill;
        stage.faults.restart();
        let batches = assert_each_is_once(&office, &format!("kill {kill}")).await;
        assert!(office.receiver.received() <= batches + 1, "kill {kill}");
        if is_over {
            assert!(kill > 60, "{kill} operations");
            return;
        }
        kill += 1;
    }
}
