//! The sweep of what is due again.

use std::collections::BTreeSet;
use std::sync::Arc;

use paywarden_domain::id::EndpointId;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::webhook::delivery::{NextStep, Pointer};
use paywarden_domain::webhook::{Attempt, AttemptError, AttemptOutcome, Delivery};

use crate::workshop::{Workshop, taken};

/// What a pointer in a queue is given before the sweep sends another.
const QUEUE_PATIENCE_SECONDS: i64 = 300;

/// What a pointer of the sweep itself is given.
const HOLD_SECONDS: i64 = 900;

/// A delivery whose first attempt failed and whose second is due at `due`.
async fn failed(workshop: &Workshop, number: u64, due: Timestamp) -> Delivery {
    booked(workshop, number, due, true).await
}

/// The same, with a pointer in a queue unless it is in the index alone.
async fn booked(workshop: &Workshop, number: u64, due: Timestamp, in_index: bool) -> Delivery {
    let delivery = workshop.planned(&EndpointId::derived("test", &[b"endpoint"]), number).await;
    let attempt = Attempt {
        number: 1,
        at: workshop.stage.clock.now(),
        duration_ms: 5,
        outcome: AttemptOutcome::Failed {
            error: AttemptError::HttpStatus,
            http_status: Some(500),
            retry_after_seconds: None,
        },
        signature: None,
        response_excerpt: String::new(),
    };
    workshop.stage.deliveries().book(&delivery, &attempt, NextStep::RetryAt(due), in_index).await.unwrap();
    delivery
}

fn queued(workshop: &Workshop) -> Vec<Pointer> {
    taken(&workshop.stage.webhook_retries).into_iter().map(|(pointer, _)| pointer).collect()
}

#[tokio::test]
async fn what_is_due_is_queued_once_and_nothing_earlier() {
    let workshop = Workshop::open().await;
    let now = workshop.stage.clock.now();
    let due = failed(&workshop, 1, now).await;
    let overdue = failed(&workshop, 2, now.plus_seconds(-3600)).await;
    let later = failed(&workshop, 3, now.plus_seconds(1)).await;
    workshop.sweeper().run().await.unwrap();
    let mut pointers = queued(&workshop);
    pointers.sort_by(|left, right| left.key.cmp(&right.key));
    let mut expected: Vec<_> =
        [&due, &overdue].map(|delivery| Pointer { key: delivery.key(), attempt: 2 }).into();
    expected.sort_by(|left, right| left.key.cmp(&right.key));
    assert_eq!(pointers, expected);
    workshop.sweeper().run().await.unwrap();
    assert!(queued(&workshop).is_empty(), "they left the index");
    workshop.stage.clock.advance_seconds(1);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop), [Pointer { key: later.key(), attempt: 2 }]);
}

#[tokio::test]
async fn what_the_queue_did_not_take_is_due_again() {
    let workshop = Workshop::open().await;
    failed(&workshop, 1, workshop.stage.clock.now()).await;
    workshop.stage.webhook_retries.fail_next(1);
    workshop.sweeper().run().await.unwrap_err();
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 1);
}

#[tokio::test]
async fn every_shard_is_swept() {
    let workshop = Workshop::open().await;
    for number in 0..40 {
        failed(&workshop, number, workshop.stage.clock.now()).await;
    }
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 40);
}

#[tokio::test]
async fn what_cannot_be_read_keeps_no_other_webhook_back() {
    let workshop = Workshop::open().await;
    let now = workshop.stage.clock.now();
    let mut due = Vec::new();
    for number in 1..=12_u64 {
        due.push(failed(&workshop, number, now.plus_seconds(i64::try_from(number).unwrap() - 60)).await);
    }
    let spoilt: Vec<String> = due.iter().take(4).map(|delivery| delivery.id.to_string()).collect();
    workshop
        .stage
        .spoil("WebhooksTable", "status", |item| spoilt.iter().any(|id| item["sk"]["S"] == id.as_str()));
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 8);
}

/// Deliveries to one endpoint that are left to the sweep, as what a queue does not take.
async fn left(workshop: &Workshop, count: u64) -> Vec<Delivery> {
    let endpoint = EndpointId::derived("test", &[b"endpoint"]);
    let mut left = Vec::new();
    for number in 1..=count {
        left.push(left_to(workshop, &endpoint, number).await);
    }
    left
}

async fn left_to(workshop: &Workshop, endpoint: &EndpointId, number: u64) -> Delivery {
    let delivery = workshop.planned(endpoint, number).await;
    let now = workshop.stage.clock.now();
    workshop.stage.deliveries().put_off(&delivery.key(), now).await.unwrap();
    delivery
}

/// The stream remembers it until it is queued, and the queue does then.
#[tokio::test]
async fn a_first_attempt_is_none_of_the_sweeps_business() {
    let workshop = Workshop::open().await;
    workshop.planned(&EndpointId::derived("test", &[b"endpoint"]), 1).await;
    workshop.stage.clock.advance_seconds(86_400);
    workshop.sweeper().run().await.unwrap();
    assert!(queued(&workshop).is_empty());
}

#[tokio::test]
async fn a_retry_whose_pointer_is_lost_is_found_some_minutes_later() {
    let workshop = Workshop::open().await;
    let delivery = booked(&workshop, 1, workshop.stage.clock.now(), false).await;
    workshop.stage.clock.advance_seconds(QUEUE_PATIENCE_SECONDS - 1);
    workshop.sweeper().run().await.unwrap();
    assert!(queued(&workshop).is_empty(), "its pointer may come yet");
    workshop.stage.clock.advance_seconds(1);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop), [Pointer { key: delivery.key(), attempt: 2 }]);
}

#[tokio::test]
async fn a_pointer_of_the_sweep_that_is_lost_is_sent_again() {
    let workshop = Workshop::open().await;
    let delivery = failed(&workshop, 1, workshop.stage.clock.now()).await;
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 1);
    workshop.stage.clock.advance_seconds(HOLD_SECONDS - 1);
    workshop.sweeper().run().await.unwrap();
    assert!(queued(&workshop).is_empty(), "somebody may be at it");
    workshop.stage.clock.advance_seconds(1);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop), [Pointer { key: delivery.key(), attempt: 2 }]);
}

#[tokio::test]
async fn what_the_queue_refuses_of_a_batch_is_sent_again_and_then_put_back() {
    let workshop = Workshop::open().await;
    left(&workshop, 30).await;
    workshop.stage.webhook_retries.refuse_next(2);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 30);
    workshop.stage.clock.advance_seconds(HOLD_SECONDS);
    workshop.stage.webhook_retries.refuse_next(u64::MAX);
    workshop.sweeper().run().await.unwrap_err();
    workshop.stage.webhook_retries.refuse_next(0);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 30);
}

/// More than a page of each shard, the first of them unreadable.
#[tokio::test]
async fn any_number_of_rows_that_cannot_be_read_keeps_no_other_webhook_back() {
    let workshop = Workshop::open().await;
    let spoilt: BTreeSet<_> =
        left(&workshop, 450).await.into_iter().map(|delivery| delivery.id.to_string()).collect();
    workshop.stage.spoil("WebhooksTable", "status", |item| {
        item["sk"]["S"].as_str().is_some_and(|id| spoilt.contains(id))
    });
    workshop.stage.clock.advance_seconds(1);
    let endpoint = EndpointId::derived("test", &[b"another"]);
    let mut expected = BTreeSet::new();
    for number in 1..=8 {
        expected.insert(left_to(&workshop, &endpoint, number).await.id.to_string());
    }
    workshop.sweeper().run().await.unwrap();
    let found: BTreeSet<_> =
        queued(&workshop).into_iter().map(|pointer| pointer.key.delivery_id.to_string()).collect();
    assert_eq!(found, expected);
}

/// The clock moves past the time of a run while it reads its first page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_time_is_over_the_next_run_begins_with_another_shard() {
    let workshop = Workshop::open().await;
    left(&workshop, 40).await;
    let mut found = Vec::new();
    for _ in 0..4 {
        let clock = Arc::clone(&workshop.stage.clock);
        workshop.stage.faults.meanwhile(0, async move { clock.advance_seconds(60) });
        workshop.sweeper().run().await.unwrap();
        found.push(queued(&workshop).len());
    }
    assert!(found.iter().all(|count| (1..40).contains(count)), "{found:?}");
    assert_eq!(found.iter().sum::<usize>(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sweeps_at_once_send_one_pointer() {
    for turn in 0.. {
        let workshop = Workshop::open().await;
        left(&workshop, 1).await;
        let (one, other) = (workshop.sweeper(), workshop.sweeper());
        workshop.stage.faults.meanwhile(turn, async move { other.run().await.unwrap() });
        one.run().await.unwrap();
        if !workshop.stage.faults.was_let_in() {
            assert!(turn >= 6, "{turn} turns");
            break;
        }
        assert_eq!(queued(&workshop).len(), 1, "turn {turn}");
    }
}
