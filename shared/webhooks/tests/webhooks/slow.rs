//! Endpoints that let attempts wait: their first attempts are made beside those of the others.

use std::time::Duration;

use futures::future::join_all;
use paywarden_domain::id::EndpointId;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, EventType};

use crate::mischief::{Mischief, Mischievous};
use crate::receiver::Receiver;
use crate::workshop::{Workshop, taken};

fn first_attempt(delivery: &Delivery) -> Pointer {
    Pointer { key: delivery.key(), attempt: 1 }
}

/// The attempts that stand in a queue, each with the seconds that it waits there.
fn among_retries(workshop: &Workshop) -> Vec<(u32, u32)> {
    let queued = taken(&workshop.stage.webhook_retries).into_iter();
    queued.map(|(pointer, message)| (pointer.attempt, message.delay_seconds)).collect()
}

/// Waits until somebody has noted it: the clock of the attempt is the machine's.
async fn noted(workshop: &Workshop, endpoint: &EndpointId) {
    while !workshop.health(endpoint).await.is_slow(workshop.stage.clock.now()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn while_an_attempt_waits_the_next_ones_are_made_beside_the_others() {
    let (workshop, receiver) = (Workshop::open().await, Mischievous::doing(&[Mischief::IsLate]).await);
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    let (waiting, next) = (workshop.planned(&endpoint, 1).await, workshop.planned(&endpoint, 2).await);
    let deliverer = workshop.deliverer();
    let meanwhile = async {
        noted(&workshop, &endpoint).await;
        assert_eq!(workshop.stored(&waiting.key()).await.attempts, 0, "it waits still");
        workshop.deliverer().handle(first_attempt(&next)).await.unwrap();
        assert_eq!(among_retries(&workshop), [(1, 0)]);
        assert_eq!(receiver.posts().len(), 1);
        assert_eq!(
            workshop.in_index().await,
            std::slice::from_ref(&next.id),
            "a lost message is no lost delivery"
        );
        // The same message, as it comes from the queue of the retries.
        workshop.deliverer().handle(first_attempt(&next)).await.unwrap();
        assert_eq!(workshop.stored(&next.key()).await.status, DeliveryStatus::Delivered);
    };
    let (attempted, ()) = tokio::join!(deliverer.handle(first_attempt(&waiting)), meanwhile);
    attempted.unwrap();
    assert_eq!(
        workshop.stored(&waiting.key()).await.status,
        DeliveryStatus::Delivered,
        "a late answer counts"
    );
    assert_eq!((receiver.posts().len(), workshop.in_index().await.len()), (2, 0));
}

#[tokio::test]
async fn who_lets_nobody_wait_any_more_is_told_with_the_others_again() {
    let (workshop, receiver) = (Workshop::open().await, Receiver::answering(&[]).await);
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    workshop.let_wait(&endpoint).await;
    workshop.stage.clock.advance_seconds(60);
    let delivery = workshop.planned(&endpoint, 1).await;
    workshop.deliverer().handle(first_attempt(&delivery)).await.unwrap();
    assert_eq!((receiver.received(), among_retries(&workshop)), (1, Vec::new()));
}

/// Tells an endpoint of something, in processes of which one is killed; answers how many operations that were.
async fn told(list: &'static [Mischief], is_known: bool, kill: i64) -> i64 {
    let (workshop, receiver) = (Workshop::open().await, Mischievous::doing(list).await);
    let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
    if is_known {
        workshop.let_wait(&endpoint).await;
    }
    let delivery = workshop.planned(&endpoint, 1).await;
    workshop.queue(&delivery).await;
    workshop.stage.faults.kill_before(kill);
    workshop.work().await;
    let operations = workshop.stage.faults.operations();
    workshop.stage.faults.restart();
    let stored = workshop.stored(&delivery.key()).await;
    assert_eq!((stored.status, stored.attempts), (DeliveryStatus::Delivered, 1), "killed before {kill}");
    assert_eq!(workshop.in_index().await, [], "killed before {kill}");
    let posts = receiver.posts();
    assert!(posts.len() <= 2 && posts.iter().all(|post| post.body == delivery.body), "killed before {kill}");
    operations
}

#[tokio::test]
async fn a_kill_on_the_way_beside_the_others_loses_nothing() {
    let operations = told(&[], true, i64::MAX).await;
    assert!(operations > 10, "{operations} operations");
    for kill in 0..operations {
        told(&[], true, kill).await;
    }
}

/// Among the operations are those of whoever notes, while the attempt waits, that it does.
#[tokio::test]
async fn a_kill_while_an_attempt_waits_loses_nothing() {
    let operations = told(&[Mischief::IsSlow], false, i64::MAX).await;
    assert!(operations > 7, "{operations} operations");
    join_all((0..operations).map(|kill| told(&[Mischief::IsSlow, Mischief::IsSlow], false, kill))).await;
}

/// Two messages for one first attempt, the second let in before each operation of the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_messages_on_the_way_beside_the_others_are_one_attempt() {
    let mut turn = 0;
    loop {
        let (workshop, receiver) = (Workshop::open().await, Receiver::answering(&[]).await);
        let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        workshop.let_wait(&endpoint).await;
        let delivery = workshop.planned(&endpoint, 1).await;
        let (other, pointer) = (workshop.deliverer(), first_attempt(&delivery));
        workshop.stage.faults.meanwhile(turn, async move { drop(other.handle(pointer).await) });
        // Whoever comes behind the other's booking finds it over, and its message comes again to nothing.
        drop(workshop.deliverer().handle(first_attempt(&delivery)).await);
        if !workshop.stage.faults.was_let_in() {
            break;
        }
        workshop.work().await;
        let stored = workshop.stored(&delivery.key()).await;
        assert_eq!((stored.status, stored.attempts), (DeliveryStatus::Delivered, 1), "turn {turn}");
        assert!(receiver.received() <= 2, "turn {turn}");
        turn += 1;
    }
    assert!(turn >= 4, "{turn} turns");
}
