//! Batches: several transactions in one post, each once, whoever dies on the way.

use std::collections::BTreeMap;

use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_domain::webhook::{Delivering, Delivery, DeliveryStatus};
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

/// No index leads to one that waits for others, so its own errand comes back to it.
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
