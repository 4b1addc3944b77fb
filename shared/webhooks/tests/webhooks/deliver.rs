//! Attempts: booked, followed by what has to follow.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint, EndpointStatus, EventType};
use paywarden_store::StoreError;
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_webhooks::deliver::Deliverer;

use crate::receiver::Receiver;
use crate::workshop::{Workshop, taken};

/// A planned delivery to one receiver.
struct Fixture {
    workshop: Workshop,
    deliverer: Deliverer,
    endpoint: EndpointId,
    delivery: Delivery,
}

impl Fixture {
    async fn new(receiver: &Receiver) -> Self {
        let workshop = Workshop::open().await;
        let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        let delivery = workshop.planned(&endpoint, 1).await;
        Self { deliverer: workshop.deliverer(), workshop, endpoint, delivery }
    }

    async fn attempt(&self, attempt: u32) -> Result<(), StoreError> {
        self.deliverer.handle(Pointer { key: self.delivery.key(), attempt }).await
    }

    async fn stored(&self) -> Delivery {
        self.workshop.stored(&self.delivery.key()).await
    }

    /// The attempts that are queued, with their delays.
    fn queued(&self) -> Vec<(u32, u32)> {
        let queued = taken(&self.workshop.stage.webhook_retries).into_iter();
        queued
            .map(|(pointer, message)| {
                assert_eq!(pointer.key.delivery_id, self.delivery.id);
                assert_eq!(message.group.as_deref(), Some(self.endpoint.as_str()));
                (pointer.attempt, message.delay_seconds)
            })
            .collect()
    }

    async fn timeline(&self) -> Vec<String> {
        self.workshop.timeline(self.delivery.transaction_id.as_ref().unwrap()).await
    }
}

#[tokio::test]
async fn a_delivery_that_arrives_is_done() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(&receiver).await;
    fixture.attempt(1).await.unwrap();
    let stored = fixture.stored().await;
    assert_eq!(
        (stored.status, stored.attempts, stored.next_attempt_at),
        (DeliveryStatus::Delivered, 1, None)
    );
    assert_eq!(fixture.timeline().await, ["Webhook attempt 1 answered 200"]);
    assert!(fixture.queued().is_empty());
    // The same pointer again posts nothing.
    fixture.attempt(1).await.unwrap();
    assert_eq!(receiver.received(), 1);
}

#[tokio::test]
async fn a_receiver_that_fails_is_booked_and_the_message_is_done_with() {
    let receiver = Receiver::answering(&[500, 503]).await;
    let fixture = Fixture::new(&receiver).await;
    fixture.attempt(1).await.unwrap();
    let [(attempt, delay)] = fixture.queued().try_into().unwrap();
    assert_eq!(attempt, 2);
    fixture.workshop.stage.clock.advance_seconds(delay.into());
    assert!((4..=6).contains(&delay), "5 seconds, give or take a fifth: {delay}");
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Pending);
    // The second wait is an hour: too long for a queue, so it stands in the due index.
    fixture.attempt(2).await.unwrap();
    assert!(fixture.queued().is_empty());
    let due = fixture.stored().await.next_attempt_at.unwrap();
    assert_eq!(fixture.workshop.due(due).await, std::slice::from_ref(&fixture.delivery.id));
    // The receiver is back.
    fixture.workshop.stage.clock.advance_seconds(3600);
    fixture.attempt(3).await.unwrap();
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Delivered);
    assert_eq!(receiver.received(), 3);
    assert_eq!(
        fixture.timeline().await,
        [
            "Webhook attempt 1 answered 500",
            "Webhook attempt 2 answered 503",
            "Webhook attempt 3 answered 200"
        ]
    );
}

#[tokio::test]
async fn the_schedule_runs_out() {
    let receiver = Receiver::answering(&[500, 500, 500]).await;
    let fixture = Fixture::new(&receiver).await;
    for attempt in 1..=3 {
        fixture.attempt(attempt).await.unwrap();
    }
    let stored = fixture.stored().await;
    assert_eq!((stored.status, stored.attempts, stored.next_attempt_at), (DeliveryStatus::Failed, 3, None));
}

#[tokio::test]
async fn an_attempt_that_is_booked_is_not_made_again_and_the_sweep_finds_the_next_one() {
    let receiver = Receiver::answering(&[500]).await;
    let fixture = Fixture::new(&receiver).await;
    fixture.workshop.stage.webhook_retries.fail_next(1);
    fixture.attempt(1).await.unwrap();
    fixture.attempt(1).await.unwrap();
    assert!(fixture.queued().is_empty());
    assert_eq!(receiver.received(), 1);
    fixture.workshop.work().await;
    assert_eq!((receiver.received(), fixture.stored().await.attempts), (2, 2));
}

#[tokio::test]
async fn a_pointer_that_comes_twice_does_not_double_what_follows() {
    let receiver = Receiver::answering(&[500]).await;
    let fixture = Fixture::new(&receiver).await;
    fixture.attempt(1).await.unwrap();
    fixture.attempt(1).await.unwrap();
    assert_eq!(fixture.queued().len(), 1);
}

#[tokio::test]
async fn gone_switches_the_endpoint_off_and_what_waits_is_parked() {
    let receiver = Receiver::answering(&[410]).await;
    let fixture = Fixture::new(&receiver).await;
    let waiting = fixture.workshop.planned(&fixture.endpoint, 2).await;
    fixture.attempt(1).await.unwrap();
    let status = fixture.workshop.endpoint_status(&fixture.endpoint).await;
    assert_eq!(status, EndpointStatus::Disabled);
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Failed);
    let fixture = Fixture { delivery: waiting, ..fixture };
    fixture.attempt(1).await.unwrap();
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Parked);
    assert_eq!(receiver.received(), 1);
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_our_fault() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(&receiver).await;
    let id = EndpointId::derived("test", &[b"moved"]);
    let endpoints = fixture.workshop.stage.endpoints();
    let stored = endpoints.find(&fixture.workshop.merchant.id, &fixture.endpoint).await.unwrap().unwrap();
    let moved = StoredEndpoint { endpoint: Endpoint { id: id.clone(), ..stored.endpoint }, ..stored };
    endpoints.create(&moved).await.unwrap();
    let delivery = fixture.workshop.planned(&id, 1).await;
    let fixture = Fixture { delivery, ..fixture };
    fixture.attempt(1).await.expect_err("the message comes back");
    assert_eq!((receiver.received(), fixture.stored().await.attempts), (0, 0));
}

#[tokio::test]
async fn a_delivery_that_is_gone_is_done_with() {
    let receiver = Receiver::answering(&[]).await;
    let mut fixture = Fixture::new(&receiver).await;
    fixture.delivery.id = DeliveryId::derived("test", &[b"gone"]);
    fixture.attempt(1).await.unwrap();
}

#[tokio::test]
async fn what_was_given_up_is_not_sent_when_its_endpoint_comes_back() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(&receiver).await;
    let id = EndpointId::derived("test", &[b"later"]);
    let delivery = fixture.workshop.planned(&id, 1).await;
    let fixture = Fixture { delivery, ..fixture };
    fixture.attempt(1).await.unwrap();
    let endpoints = fixture.workshop.stage.endpoints();
    let stored = endpoints.find(&fixture.workshop.merchant.id, &fixture.endpoint).await.unwrap().unwrap();
    let back = StoredEndpoint { endpoint: Endpoint { id, ..stored.endpoint }, ..stored };
    endpoints.create(&back).await.unwrap();
    fixture.attempt(1).await.unwrap();
    assert_eq!((receiver.received(), fixture.stored().await.status), (0, DeliveryStatus::Failed));
}

/// What a crash between posting and booking costs when time has passed before the message comes again: the attempt is
/// made again under its own number and id, with the same body, and the timeline shows both posts, because there were two.
#[tokio::test]
async fn an_attempt_that_was_not_booked_is_made_again_and_the_timeline_shows_both() {
    let receiver = Receiver::answering(&[500, 200]).await;
    let fixture = Fixture::new(&receiver).await;
    // Behind the reads of delivery, endpoint and how that does, the secret, and the entry on the timeline.
    fixture.workshop.stage.faults.kill_before(5);
    fixture.attempt(1).await.unwrap_err();
    assert!(fixture.workshop.stage.faults.restart());
    fixture.workshop.stage.clock.advance_seconds(30);
    fixture.attempt(1).await.unwrap();
    assert_eq!((receiver.received(), receiver.bodies().len()), (2, 1));
    let stored = fixture.stored().await;
    assert_eq!((stored.status, stored.attempts), (DeliveryStatus::Delivered, 1));
    let expected = ["Webhook attempt 1 answered 500", "Webhook attempt 1 answered 200"];
    assert_eq!(fixture.timeline().await, expected);
}

#[tokio::test]
async fn a_delivery_whose_endpoint_is_gone_is_given_up() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(&receiver).await;
    let delivery = fixture.workshop.planned(&EndpointId::derived("test", &[b"gone"]), 1).await;
    let fixture = Fixture { delivery, ..fixture };
    fixture.attempt(1).await.unwrap();
    assert_eq!((fixture.stored().await.status, fixture.stored().await.attempts), (DeliveryStatus::Failed, 0));
    assert!(fixture.workshop.in_index().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_left_to_the_sweep() {
    let receiver = Receiver::answering(&[]).await;
    for (what, member) in [("whd_", "event"), ("endpoint#", "status")] {
        let fixture = Fixture::new(&receiver).await;
        fixture.workshop.stage.spoil("WebhooksTable", member, |item| {
            item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with(what))
        });
        fixture.attempt(1).await.unwrap();
        fixture.workshop.stage.clock.advance_seconds(7200);
        fixture.workshop.sweeper().run().await.unwrap();
        // Only what can be read has a pointer, which finds the endpoint as before.
        for (attempt, _) in fixture.queued() {
            fixture.attempt(attempt).await.unwrap();
        }
        assert_eq!(fixture.workshop.in_index().await, std::slice::from_ref(&fixture.delivery.id), "{what}");
    }
    assert_eq!(receiver.received(), 0);
}
