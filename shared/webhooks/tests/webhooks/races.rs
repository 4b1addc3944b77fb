//! Steps that meet on one delivery, one of them let in before each single operation of the other. Whoever is first, the
//! same holds at the end.

use std::sync::Arc;

use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, EndpointStatus, EventType};
use paywarden_webhooks::EndpointKey;
use paywarden_webhooks::deliver::Deliverer;
use paywarden_webhooks::errand::Errand;

use crate::breaker::Outage;
use crate::receiver::Receiver;
use crate::workshop::{Workshop, taken};

fn first_attempt(delivery: &Delivery) -> Pointer {
    Pointer { key: delivery.key(), attempt: 1 }
}

/// Handles a message; one that fails comes again.
async fn handle(deliverer: Deliverer, pointer: Pointer) {
    for _ in 0..3 {
        if deliverer.handle(pointer.clone()).await.is_ok() {
            return;
        }
    }
    panic!("{pointer:?} fails again and again");
}

/// What can be said of a delivery that is over, whatever happened: every attempt is in the book once, and the delivery
/// arrived if the last of them says so.
fn assert_is_lawful(workshop: &Workshop, delivery: &Delivery) {
    let book = workshop.book(&delivery.id);
    let numbers: Vec<u32> = book.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=delivery.attempts).collect::<Vec<_>>());
    let arrived: Vec<u32> =
        book.iter().filter(|(_, status)| *status == Some(200)).map(|(number, _)| *number).collect();
    match delivery.status {
        DeliveryStatus::Delivered => assert_eq!(arrived, [delivery.attempts], "{book:?}"),
        DeliveryStatus::Failed | DeliveryStatus::Parked => assert_eq!(arrived, [0; 0], "{book:?}"),
        DeliveryStatus::Pending | DeliveryStatus::Gathering | DeliveryStatus::Gathered => {
            panic!("it is forgotten: {delivery:?}")
        }
    }
}

/// Handles two messages for the first attempt at one delivery, the second let in before operation `turn` of the first, and
/// works until all is over. The receiver answers `statuses`, then 200. Answers `None` when the first has no such operation.
async fn two_messages(statuses: &'static [u16], turn: i64) -> Option<(Workshop, Receiver, Delivery)> {
    let (workshop, receiver) = (Workshop::open().await, Receiver::answering(statuses).await);
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    let delivery = workshop.planned(&endpoint, 1).await;
    let (other, pointer) = (workshop.deliverer(), first_attempt(&delivery));
    workshop.stage.faults.meanwhile(turn, handle(other, pointer));
    handle(workshop.deliverer(), first_attempt(&delivery)).await;
    if !workshop.stage.faults.was_let_in() {
        return None;
    }
    workshop.work().await;
    let delivery = workshop.stored(&delivery.key()).await;
    Some((workshop, receiver, delivery))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_messages_for_one_attempt_are_one_attempt() {
    let cases: [&'static [u16]; 2] = [&[], &[500, 500]];
    for statuses in cases {
        let mut turn = 0;
        while let Some((workshop, receiver, delivery)) = two_messages(statuses, turn).await {
            assert_is_lawful(&workshop, &delivery);
            assert_eq!(delivery.status, DeliveryStatus::Delivered, "turn {turn}");
            let bodies = receiver.bodies();
            assert_eq!((bodies.len(), bodies[delivery.id.as_str()].len()), (1, 1));
            let twice = receiver.received() - usize::try_from(delivery.attempts).unwrap();
            assert!(twice <= 1, "turn {turn}: {twice} posts too many");
            turn += 1;
        }
        assert!(turn >= 5, "{turn} turns");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_messages_that_are_answered_differently_leave_one_truth() {
    for statuses in [&[500, 200], &[200, 500]] {
        let mut turn = 0;
        while let Some((workshop, _, delivery)) = two_messages(statuses, turn).await {
            assert_is_lawful(&workshop, &delivery);
            assert_ne!(delivery.status, DeliveryStatus::Parked, "turn {turn}");
            turn += 1;
        }
        assert!(turn >= 5, "{turn} turns");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_gone_is_heard_though_another_message_books_the_attempt() {
    for statuses in [&[410, 500], &[500, 410]] {
        let mut turn = 0;
        while let Some((workshop, _, delivery)) = two_messages(statuses, turn).await {
            assert_is_lawful(&workshop, &delivery);
            assert_ne!(delivery.status, DeliveryStatus::Delivered, "turn {turn}");
            let status = workshop.endpoint_status(&delivery.endpoint_id).await;
            assert_eq!(status, EndpointStatus::Disabled, "turn {turn}");
            turn += 1;
        }
        assert!(turn >= 5, "{turn} turns");
    }
}

/// A delivery whose second attempt is due and whose message is out, but which stands in the index still: the sweep that
/// queued it was cut off.
async fn swept_by_half(retry_seconds: &'static str) -> (Arc<Workshop>, Receiver, Pointer) {
    let workshop = Workshop::retrying(retry_seconds).await;
    let receiver = Receiver::answering(&[500, 500]).await;
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    let delivery = workshop.planned(&endpoint, 1).await;
    handle(workshop.deliverer(), first_attempt(&delivery)).await;
    assert_eq!(workshop.in_index().await, std::slice::from_ref(&delivery.id));
    workshop.stage.clock.advance_seconds(5000);
    (Arc::new(workshop), receiver, Pointer { key: delivery.key(), attempt: 2 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_and_the_sweep_make_no_attempt_too_many_and_none_too_early() {
    // The wait behind the race stands in a queue, then in the index, where the sweep could mistake it for the one before.
    for (retry_seconds, wait) in [("3600,5", 4), ("3600,3600", 2880)] {
        for message_first in [true, false] {
            let mut turn = 0;
            loop {
                let (workshop, receiver, pointer) = swept_by_half(retry_seconds).await;
                let (deliverer, sweeper) = (workshop.deliverer(), workshop.sweeper());
                let (key, faults) = (pointer.key.clone(), &workshop.stage.faults);
                if message_first {
                    faults.meanwhile(turn, async move { sweeper.run().await.unwrap() });
                    handle(deliverer, pointer).await;
                } else {
                    faults.meanwhile(turn, handle(deliverer, pointer));
                    sweeper.run().await.unwrap();
                }
                if !faults.was_let_in() {
                    break;
                }
                workshop.work().await;
                let delivery = workshop.stored(&key).await;
                assert_is_lawful(&workshop, &delivery);
                let [_, second, third] = receiver.posts().try_into().unwrap();
                let waited = third.timestamp - second.timestamp;
                assert!(waited >= wait, "turn {turn} of {message_first}: {waited} seconds");
                assert!(workshop.in_index().await.is_empty());
                turn += 1;
            }
            assert!(turn >= 5, "{turn} turns");
        }
    }
}

/// The pointer to an attempt comes so late that the sweep sends another, which is followed at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_attempt_and_the_sweep_post_once() {
    for late in [256, 306, 2000] {
        let mut turn = 0;
        loop {
            let workshop = Arc::new(Workshop::open().await);
            let receiver = Receiver::answering(&[500]).await;
            let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
            let delivery = workshop.planned(&endpoint, 1).await;
            handle(workshop.deliverer(), first_attempt(&delivery)).await;
            let [(second, _)] = taken(&workshop.stage.webhook_retries).try_into().unwrap();
            workshop.stage.clock.advance_seconds(late);
            let other = Arc::clone(&workshop);
            workshop.stage.faults.meanwhile(turn, async move {
                // As long as an attempt may take.
                other.stage.clock.advance_seconds(50);
                other.sweeper().run().await.unwrap();
                other.work_now().await;
            });
            handle(workshop.deliverer(), second).await;
            if !workshop.stage.faults.was_let_in() {
                break;
            }
            workshop.work().await;
            assert_is_lawful(&workshop, &workshop.stored(&delivery.key()).await);
            assert_eq!(receiver.received(), 2, "turn {turn}, {late} seconds late");
            turn += 1;
        }
        assert!(turn >= 5, "{turn} turns");
    }
}

/// One delivery is told 410, which switches the endpoint off, while another is under way to the same receiver.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_meets_the_end_of_its_endpoint() {
    for (answer, unwanted_first) in [(200, true), (200, false), (500, true), (500, false)] {
        let mut turn = 0;
        loop {
            let workshop = Workshop::open().await;
            let receiver =
                Receiver::deciding(move |post| if post.body.contains("[1]") { 410 } else { answer }).await;
            let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
            let mut pair = [workshop.planned(&endpoint, 1).await, workshop.planned(&endpoint, 2).await];
            if !unwanted_first {
                pair.reverse();
            }
            let (other, pointer) = (workshop.deliverer(), first_attempt(&pair[1]));
            workshop.stage.faults.meanwhile(turn, handle(other, pointer));
            handle(workshop.deliverer(), first_attempt(&pair[0])).await;
            if !workshop.stage.faults.was_let_in() {
                break;
            }
            workshop.work().await;
            assert_eq!(workshop.endpoint_status(&endpoint).await, EndpointStatus::Disabled);
            for delivery in &pair {
                let delivery = workshop.stored(&delivery.key()).await;
                assert_is_lawful(&workshop, &delivery);
                let posts =
                    receiver.posts().into_iter().filter(|post| post.id == delivery.id.as_str()).count();
                assert_eq!(posts, usize::try_from(delivery.attempts).unwrap(), "turn {turn}");
            }
            turn += 1;
        }
        assert!(turn >= 4, "{turn} turns");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_planned_twice_at_once_is_delivered_once() {
    for turn in 0.. {
        let (workshop, receiver) = (Arc::new(Workshop::open().await), Receiver::answering(&[]).await);
        workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        workshop.paid_payment().await;
        // The other planner's deliveries are made before the first one goes on.
        let other = Arc::clone(&workshop);
        workshop.stage.faults.meanwhile(turn, async move {
            other.planner().plan(other.transaction_changes()).await.unwrap();
            other.work().await;
        });
        workshop.planner().plan(workshop.transaction_changes()).await.unwrap();
        if !workshop.stage.faults.was_let_in() {
            assert!(turn >= 5, "{turn} turns");
            break;
        }
        let first = workshop.rows("WebhooksTable");
        workshop.work().await;
        assert_eq!(workshop.rows("WebhooksTable"), first, "turn {turn}");
        assert_eq!((receiver.received(), receiver.bodies().len()), (2, 2), "turn {turn}");
    }
}

/// Whoever takes what is queued finds what it points to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_is_never_quicker_than_the_planner() {
    for turn in 0.. {
        let (workshop, receiver) = (Arc::new(Workshop::open().await), Receiver::answering(&[]).await);
        workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        workshop.paid_payment().await;
        let other = Arc::clone(&workshop);
        workshop.stage.faults.meanwhile(turn, async move { other.work().await });
        workshop.planner().plan(workshop.transaction_changes()).await.unwrap();
        if !workshop.stage.faults.was_let_in() {
            assert!(turn >= 5, "{turn} turns");
            break;
        }
        workshop.work().await;
        assert_eq!((receiver.received(), receiver.bodies().len()), (2, 2), "turn {turn}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_hears_of_everything_that_changes_after_it_was_created() {
    for turn in 0.. {
        let (workshop, receiver) = (Arc::new(Workshop::open().await), Receiver::answering(&[]).await);
        let known = Receiver::answering(&[]).await;
        workshop.endpoint(known.address, EventType::DEFAULT).await;
        workshop.paid_payment().await;
        let [created, updated] = workshop.transaction_changes().try_into().unwrap();
        let planner = workshop.planner();
        let (other, address) = (Arc::clone(&workshop), receiver.address);
        workshop.stage.faults.meanwhile(turn, async move {
            other.endpoint(address, EventType::DEFAULT).await;
        });
        planner.plan(vec![created]).await.unwrap();
        let in_the_first_batch = workshop.stage.faults.was_let_in();
        planner.plan(vec![updated]).await.unwrap();
        workshop.work().await;
        assert_eq!(known.received(), 2, "turn {turn}");
        if !in_the_first_batch {
            assert!(turn >= 4, "{turn} turns");
            break;
        }
        // Of what changed before it hears once or not at all.
        let (received, bodies) = (receiver.received(), receiver.bodies().len());
        assert!(received == bodies && (1..=2).contains(&received), "turn {turn}: {received} posts");
    }
}

fn probe(outage: &Outage) -> Errand {
    let merchant_id = outage.workshop.merchant.id.clone();
    Errand::Probe(EndpointKey { merchant_id, endpoint_id: outage.endpoint.clone() })
}

/// An endpoint that is spared, with one delivery parked and a probe due; it is well again then if the outage is over.
async fn spared(seconds: i64) -> Arc<Outage> {
    let outage = Outage::of(seconds, "3600").await;
    outage.attempt(&outage.workshop.courier(), 1..=6).await;
    assert_eq!(outage.workshop.parked(&outage.endpoint).await.len(), 1);
    outage.workshop.stage.clock.advance_seconds(3600);
    Arc::new(outage)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_probes_one_is_made() {
    for turn in 0.. {
        let outage = spared(100_000).await;
        let other = Arc::clone(&outage);
        outage.workshop.stage.faults.meanwhile(turn, async move {
            other.workshop.courier().run(probe(&other)).await.unwrap();
        });
        outage.workshop.courier().run(probe(&outage)).await.unwrap();
        if !outage.workshop.stage.faults.was_let_in() {
            assert!(turn >= 8, "{turn} turns");
            break;
        }
        assert_eq!(outage.receiver.received(), 6, "turn {turn}");
        assert_eq!(outage.workshop.health(&outage.endpoint).await.open.unwrap().probes, 1);
    }
}

/// Whoever parks something looks again behind that: no message has to come for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_parked_behind_a_breaker_that_closes() {
    for turn in 0.. {
        let outage = spared(60).await;
        let delivery = outage.workshop.planned(&outage.endpoint, 7).await;
        let other = Arc::clone(&outage);
        outage.workshop.stage.faults.meanwhile(turn, async move {
            other.workshop.courier().run(probe(&other)).await.unwrap();
            other.workshop.work_now().await;
        });
        handle(outage.workshop.deliverer(), first_attempt(&delivery)).await;
        if !outage.workshop.stage.faults.was_let_in() {
            assert!(turn >= 4, "{turn} turns");
            break;
        }
        assert!(outage.workshop.parked(&outage.endpoint).await.is_empty(), "turn {turn}");
        outage.workshop.work().await;
        assert_is_lawful(&outage.workshop, &outage.workshop.stored(&delivery.key()).await);
        outage.assert_is_over().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_parked_behind_an_endpoint_that_goes_on() {
    for turn in 0.. {
        let outage = Arc::new(Outage::of(0, "3600").await);
        outage.workshop.change(&outage.endpoint, |endpoint| endpoint.status = EndpointStatus::Paused).await;
        let delivery = outage.workshop.planned(&outage.endpoint, 1).await;
        let other = Arc::clone(&outage);
        outage.workshop.stage.faults.meanwhile(turn, async move {
            other.resume().await;
            other.workshop.work_now().await;
        });
        handle(outage.workshop.deliverer(), first_attempt(&delivery)).await;
        if !outage.workshop.stage.faults.was_let_in() {
            assert!(turn >= 4, "{turn} turns");
            break;
        }
        assert!(outage.workshop.parked(&outage.endpoint).await.is_empty(), "turn {turn}");
        outage.workshop.work().await;
        let delivery = outage.workshop.stored(&delivery.key()).await;
        assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Delivered, 1), "turn {turn}");
        outage.assert_is_over().await;
    }
}

/// Deliveries are let go while somebody switches the endpoint off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_let_go_meets_the_end_of_its_endpoint() {
    for turn in 0.. {
        let outage = spared(60).await;
        let other = Arc::clone(&outage);
        outage.workshop.stage.faults.meanwhile(turn, async move {
            other
                .workshop
                .change(&other.endpoint, |endpoint| endpoint.status = EndpointStatus::Disabled)
                .await;
        });
        outage.workshop.courier().run(probe(&outage)).await.unwrap();
        if !outage.workshop.stage.faults.was_let_in() {
            assert!(turn >= 8, "{turn} turns");
            break;
        }
        outage.workshop.work().await;
        assert!(outage.workshop.endpoints_in_index().await.is_empty(), "turn {turn}");
        assert!(outage.workshop.in_index().await.is_empty(), "turn {turn}");
        outage.resume().await;
        outage.workshop.work().await;
        outage.assert_is_over().await;
    }
}
