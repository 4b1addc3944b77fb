//! Endpoints that fail all the time are spared, and told all of it when they are well again.

use paywarden_domain::id::EndpointId;
use paywarden_domain::time::{Clock, days};
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_domain::webhook::health::Tally;
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, EndpointStatus, EventType};
use paywarden_store::queue::Queue;
use paywarden_webhooks::drain;
use paywarden_webhooks::errand::Courier;

use crate::receiver::Receiver;
use crate::workshop::{Workshop, spelled};

/// Failures one after the other that open the breaker.
const FAILURES: u64 = 5;

/// A receiver that answers 500 until some time is over, and what it is to be told.
pub struct Outage {
    pub workshop: Workshop,
    pub receiver: Receiver,
    pub endpoint: EndpointId,
}

impl Outage {
    pub async fn of(seconds: i64, retry_seconds: &str) -> Self {
        let workshop = Workshop::retrying(retry_seconds).await;
        let over = workshop.stage.clock.now().as_seconds() + seconds;
        let receiver = Receiver::deciding(move |post| if post.timestamp < over { 500 } else { 200 }).await;
        let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        Self { workshop, receiver, endpoint }
    }

    /// Attempts new deliveries, each once.
    pub async fn attempt(&self, courier: &Courier, versions: std::ops::RangeInclusive<u64>) -> Vec<Delivery> {
        let mut planned = Vec::new();
        for version in versions {
            let delivery = self.workshop.planned(&self.endpoint, version).await;
            courier.run(spelled(&Pointer { key: delivery.key(), attempt: 1 })).await.unwrap();
            planned.push(delivery);
        }
        planned
    }

    pub async fn resume(&self) {
        self.workshop.change(&self.endpoint, |endpoint| endpoint.status = EndpointStatus::Enabled).await;
        self.ask().await;
    }

    pub async fn ask(&self) {
        let message = drain::errand(&self.workshop.merchant.id, &self.endpoint);
        self.workshop.stage.webhook_retries.send(message).await.unwrap();
    }

    pub async fn statuses(&self, deliveries: &[Delivery]) -> Vec<DeliveryStatus> {
        let mut statuses = Vec::new();
        for delivery in deliveries {
            statuses.push(self.workshop.stored(&delivery.key()).await.status);
        }
        statuses
    }

    /// Nothing is parked, nothing is to be remembered, and nobody is spared.
    pub async fn assert_is_over(&self) {
        assert!(self.workshop.parked(&self.endpoint).await.is_empty());
        assert!(self.workshop.in_index().await.is_empty());
        assert!(self.workshop.endpoints_in_index().await.is_empty());
        assert_eq!(self.workshop.health(&self.endpoint).await.open, None);
    }
}

#[tokio::test]
async fn who_fails_five_times_is_spared_and_told_all_of_it_later() {
    let outage = Outage::of(600, "5,3600").await;
    let courier = outage.workshop.courier();
    let mut deliveries = outage.attempt(&courier, 1..=FAILURES).await;
    assert!(outage.workshop.health(&outage.endpoint).await.open.is_some());
    deliveries.extend(outage.attempt(&courier, FAILURES + 1..=9).await);
    assert_eq!(outage.receiver.received(), 5, "the others wait");
    assert_eq!(outage.workshop.parked(&outage.endpoint).await.len(), 4);
    assert_eq!(outage.workshop.endpoints_in_index().await, std::slice::from_ref(&outage.endpoint));
    outage.workshop.work().await;
    assert_eq!(outage.statuses(&deliveries).await, [DeliveryStatus::Delivered; 9]);
    outage.assert_is_over().await;
    // Five, two probes that failed, and each of them once.
    assert!((14..=16).contains(&outage.receiver.received()), "{} posts", outage.receiver.received());
}

#[tokio::test]
async fn a_probe_costs_a_delivery_none_of_its_attempts() {
    let outage = Outage::of(3 * 3600, "5,900").await;
    let deliveries = outage.attempt(&outage.workshop.courier(), 1..=6).await;
    outage.workshop.work().await;
    let mut probes = 0;
    for delivery in deliveries {
        let delivery = outage.workshop.stored(&delivery.key()).await;
        assert_eq!(delivery.status, DeliveryStatus::Delivered);
        assert!(delivery.attempts - delivery.attempts_before <= 3, "{}", delivery.attempts);
        probes += delivery.attempts_before;
    }
    assert!((10..=14).contains(&probes), "one every quarter of an hour: {probes}");
    outage.assert_is_over().await;
}

#[tokio::test]
async fn with_nothing_parked_the_next_delivery_is_the_probe() {
    let outage = Outage::of(3600, "5,5,5,900").await;
    let courier = outage.workshop.courier();
    // The last attempt at the only one opens the breaker, and nobody waits.
    outage.attempt(&courier, 1..=1).await;
    outage.workshop.work().await;
    outage.assert_is_over().await;
    let before = outage.receiver.received();
    let now = outage.workshop.stage.clock.now();
    outage.workshop.stage.clock.set(now.plus_seconds(-2 * 5000));
    let [next] = outage.attempt(&courier, 2..=2).await.try_into().unwrap();
    assert_eq!(outage.receiver.received(), before + 1);
    assert!(outage.workshop.health(&outage.endpoint).await.open.is_some(), "one failure is enough");
    outage.workshop.work().await;
    assert_eq!(outage.workshop.stored(&next.key()).await.status, DeliveryStatus::Delivered);
    outage.assert_is_over().await;
}

/// All that is queued for later is lost, so that only the index remembers.
#[tokio::test]
async fn lost_messages_keep_nobody_parked() {
    let outage = Outage::of(1800, "5,300,300").await;
    let courier = outage.workshop.courier();
    let deliveries = outage.attempt(&courier, 1..=8).await;
    for _ in 0..100 {
        assert!(outage.workshop.stage.webhook_retries.take().len() < 20);
        outage.workshop.stage.clock.advance_seconds(300);
        outage.workshop.sweeper().run().await.unwrap();
        outage.workshop.work_now().await;
    }
    let statuses = outage.statuses(&deliveries).await;
    assert_eq!(statuses[5..], [DeliveryStatus::Delivered; 3]);
    // The last pass comes half a minute later.
    outage.workshop.work().await;
    assert!(statuses.iter().all(|status| *status != DeliveryStatus::Parked), "{statuses:?}");
    outage.assert_is_over().await;
}

#[tokio::test]
async fn who_fails_for_five_days_is_switched_off_and_told_nothing_more() {
    let outage = Outage::of(days(9), "5,3600").await;
    let courier = outage.workshop.courier();
    let started = outage.workshop.stage.clock.now();
    let deliveries = outage.attempt(&courier, 1..=8).await;
    outage.workshop.work().await;
    let stored = outage.workshop.endpoint_of(&outage.endpoint).await;
    let disabled = stored.disabled.unwrap();
    assert_eq!((stored.status, disabled.reason), (EndpointStatus::Disabled, DisabledReason::Failing));
    assert!(disabled.at >= started.plus_seconds(days(5)));
    assert!(outage.statuses(&deliveries).await.contains(&DeliveryStatus::Parked));
    assert!(outage.workshop.endpoints_in_index().await.is_empty());
    let before = outage.receiver.received();
    outage.attempt(&courier, 9..=9).await;
    outage.workshop.stage.clock.advance_seconds(days(9));
    outage.workshop.work().await;
    assert_eq!(outage.receiver.received(), before);
    // Somebody has mended it, and has it told again.
    outage.resume().await;
    outage.workshop.work().await;
    outage.assert_is_over().await;
}

#[tokio::test]
async fn what_is_paused_is_told_when_it_goes_on() {
    let outage = Outage::of(0, "5").await;
    let courier = outage.workshop.courier();
    outage.workshop.change(&outage.endpoint, |endpoint| endpoint.status = EndpointStatus::Paused).await;
    let deliveries = outage.attempt(&courier, 1..=3).await;
    outage.ask().await;
    outage.workshop.work().await;
    assert_eq!(outage.statuses(&deliveries).await, [DeliveryStatus::Parked; 3]);
    outage.resume().await;
    outage.workshop.work().await;
    assert_eq!(outage.statuses(&deliveries).await, [DeliveryStatus::Delivered; 3]);
    outage.assert_is_over().await;
}

#[tokio::test]
async fn who_is_asked_to_go_on_while_it_is_spared_is_probed_at_once() {
    let outage = Outage::of(60, "3600").await;
    let courier = outage.workshop.courier();
    outage.attempt(&courier, 1..=6).await;
    outage.workshop.stage.clock.advance_seconds(60);
    outage.ask().await;
    outage.workshop.work_now().await;
    assert_eq!(outage.workshop.health(&outage.endpoint).await.open, None);
    outage.workshop.work().await;
    outage.assert_is_over().await;
}

#[tokio::test]
async fn what_was_parked_for_an_endpoint_that_is_deleted_has_failed() {
    let outage = Outage::of(days(9), "5").await;
    let courier = outage.workshop.courier();
    let deliveries = outage.attempt(&courier, 1..=8).await;
    outage.workshop.delete(&outage.endpoint).await;
    outage.ask().await;
    outage.workshop.work().await;
    assert_eq!(outage.statuses(&deliveries).await, [DeliveryStatus::Failed; 8]);
    assert_eq!(outage.receiver.received(), 5);
    outage.assert_is_over().await;
}

/// Many are on their way when one of them is told 410.
#[tokio::test]
async fn nothing_is_posted_behind_a_410() {
    let workshop = Workshop::open().await;
    let receiver = Receiver::deciding(|post| if post.body.contains("[3]") { 410 } else { 200 }).await;
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    let outage = Outage { workshop, receiver, endpoint };
    let deliveries = outage.attempt(&outage.workshop.courier(), 1..=9).await;
    assert_eq!(outage.receiver.received(), 3);
    outage.workshop.work().await;
    assert_eq!(outage.receiver.received(), 3);
    let statuses = outage.statuses(&deliveries).await;
    assert_eq!(statuses[..3], [DeliveryStatus::Delivered, DeliveryStatus::Delivered, DeliveryStatus::Failed]);
    assert_eq!(statuses[3..], [DeliveryStatus::Parked; 6]);
    assert!(outage.workshop.endpoints_in_index().await.is_empty());
}

#[tokio::test]
async fn an_endpoint_may_have_a_schedule_of_its_own() {
    let outage = Outage::of(days(1), "5,3600").await;
    outage
        .workshop
        .change(&outage.endpoint, |endpoint| {
            endpoint.delivering.retry = Some(RetrySchedule::chosen(vec![60]).unwrap());
        })
        .await;
    let [delivery] = outage.attempt(&outage.workshop.courier(), 1..=1).await.try_into().unwrap();
    let started = outage.workshop.stage.clock.now();
    let waited = outage.workshop.stored(&delivery.key()).await.next_attempt_at.unwrap();
    assert!((48..=72).contains(&(waited.as_seconds() - started.as_seconds())));
    outage.workshop.work().await;
    assert_eq!(outage.workshop.stored(&delivery.key()).await.attempts, 2);
}

#[tokio::test]
async fn successes_that_are_no_news_are_written_once_a_minute() {
    let outage = Outage::of(0, "5").await;
    let courier = outage.workshop.courier();
    outage.attempt(&courier, 1..=1).await;
    outage.workshop.stage.faults.kill_before(i64::MAX);
    outage.attempt(&courier, 2..=2).await;
    // The plan; delivery, endpoint and how it does; entry and booking. The secret is known by then.
    let operations = outage.workshop.stage.faults.operations();
    assert!(operations <= 7, "{operations}");
    outage.attempt(&courier, 3..=9).await;
    let counted = |health: paywarden_domain::webhook::Health, now| health.last_day(now);
    let now = outage.workshop.stage.clock.now();
    assert_eq!(
        counted(outage.workshop.health(&outage.endpoint).await, now),
        Tally { succeeded: 1, failed: 0 }
    );
    outage.workshop.stage.clock.advance_seconds(60);
    outage.attempt(&courier, 10..=10).await;
    let now = outage.workshop.stage.clock.now();
    assert_eq!(
        counted(outage.workshop.health(&outage.endpoint).await, now),
        Tally { succeeded: 10, failed: 0 }
    );
}

#[tokio::test]
async fn an_endpoint_is_told_no_more_often_than_it_wants() {
    let outage = Outage::of(0, "5").await;
    outage.workshop.change(&outage.endpoint, |endpoint| endpoint.delivering.rate_limit = Some(2)).await;
    let deliveries = outage.attempt(&outage.workshop.courier(), 1..=20).await;
    assert_eq!(outage.receiver.received(), 2);
    assert_eq!(outage.workshop.in_index().await.len(), 18, "who waits is remembered");
    outage.workshop.work().await;
    let mut seconds = std::collections::BTreeMap::<_, u32>::new();
    for post in outage.receiver.posts() {
        *seconds.entry(post.timestamp).or_default() += 1;
    }
    assert!(seconds.values().all(|posts| *posts <= 2), "{seconds:?}");
    for delivery in &deliveries {
        let stored = outage.workshop.stored(&delivery.key()).await;
        assert_eq!((stored.status, stored.attempts), (DeliveryStatus::Delivered, 1));
    }
    outage.assert_is_over().await;
}

/// Somebody who tries an endpoint out wants to see what it answers.
#[tokio::test]
async fn a_test_is_sent_to_an_endpoint_that_is_spared() {
    let outage = Outage::of(60, "3600").await;
    let courier = outage.workshop.courier();
    outage.attempt(&courier, 1..=6).await;
    outage.workshop.stage.clock.advance_seconds(60);
    let now = outage.workshop.stage.clock.now();
    let id = paywarden_domain::id::DeliveryId::of(&outage.endpoint, "test", 1, now);
    let of = (outage.endpoint.clone(), outage.workshop.merchant.id.clone());
    let test = Delivery::new(id, of, EventType::Test, "{}".to_owned(), now);
    outage.workshop.stage.deliveries().plan(&test).await.unwrap();
    courier.run(spelled(&Pointer { key: test.key(), attempt: 1 })).await.unwrap();
    assert_eq!(outage.statuses(&[test]).await, [DeliveryStatus::Delivered]);
    outage.workshop.work().await;
    outage.assert_is_over().await;
}
