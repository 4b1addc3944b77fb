//! The sweep of what is due again.

use paywarden_domain::id::EndpointId;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::webhook::delivery::{NextStep, Pointer};
use paywarden_domain::webhook::{Attempt, AttemptError, AttemptOutcome, Delivery};

use crate::workshop::{Workshop, taken};

/// A delivery whose first attempt failed and whose second is due at `due`.
async fn failed(workshop: &Workshop, number: u64, due: Timestamp) -> Delivery {
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
        response_excerpt: String::new(),
    };
    workshop.stage.deliveries().book(&delivery, &attempt, NextStep::RetryAt(due), true).await.unwrap();
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
    pointers.sort_by(|left, right| left.delivery_id.cmp(&right.delivery_id));
    let mut expected: Vec<_> =
        [&due, &overdue].map(|delivery| Pointer { delivery_id: delivery.id.clone(), attempt: 2 }).into();
    expected.sort_by(|left, right| left.delivery_id.cmp(&right.delivery_id));
    assert_eq!(pointers, expected);
    workshop.sweeper().run().await.unwrap();
    assert!(queued(&workshop).is_empty(), "they left the index");
    workshop.stage.clock.advance_seconds(1);
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop), [Pointer { delivery_id: later.id, attempt: 2 }]);
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
    workshop.stage.spoil("WebhooksTable", "status", |item| {
        item["sk"]["S"] == "delivery" && spoilt.iter().any(|id| item["id"]["S"] == id.as_str())
    });
    workshop.sweeper().run().await.unwrap();
    assert_eq!(queued(&workshop).len(), 8);
}
