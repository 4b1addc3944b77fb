//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::id::{EndpointId, TransactionId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::{Attempt, AttemptError, AttemptOutcome, Delivery, EventType};
use paywarden_testing::{TestStage, builders, events};

use super::*;

fn deps(stage: &TestStage) -> Deps {
    Deps { deliveries: stage.deliveries(), retries: stage.webhook_retries.clone(), clock: stage.clock() }
}

/// A delivery whose first attempt failed and whose second is due at `due`.
async fn failed(stage: &TestStage, number: u64, due: Timestamp) -> Delivery {
    let merchant = builders::merchant("one").id;
    let endpoint = EndpointId::derived("test", &[b"endpoint"]);
    let transaction = TransactionId::of(&merchant, "INV0045", 1);
    let now = stage.clock().now();
    let delivery = Delivery {
        id: DeliveryId::of(&endpoint, transaction.as_str(), number),
        endpoint_id: endpoint,
        merchant_id: merchant,
        transaction_id: Some(transaction),
        event: EventType::TransactionUpdated,
        body: "{}".to_owned(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_attempt_at: Some(now),
        created_at: now,
        correlation_id: Some("corr-1".to_owned()),
    };
    let attempt = Attempt {
        number: 1,
        at: now,
        duration_ms: 5,
        outcome: AttemptOutcome::Failed {
            error: AttemptError::HttpStatus,
            http_status: Some(500),
            retry_after_seconds: None,
        },
        response_excerpt: String::new(),
    };
    stage.deliveries().plan(&delivery).await.unwrap();
    stage.deliveries().book(&delivery, &attempt, NextStep::RetryAt(due), true).await.unwrap();
    delivery
}

fn queued(stage: &TestStage) -> Vec<Pointer> {
    let messages = stage.webhook_retries.take().into_iter();
    messages.map(|message| serde_json::from_str(&message.body).unwrap()).collect()
}

#[tokio::test]
async fn what_is_due_is_queued_once_and_nothing_earlier() {
    let stage = TestStage::start().await;
    let now = stage.clock().now();
    let due = failed(&stage, 1, now).await;
    let overdue = failed(&stage, 2, now.plus_seconds(-3600)).await;
    let later = failed(&stage, 3, now.plus_seconds(1)).await;
    handle(&deps(&stage)).await.unwrap();
    let mut pointers = queued(&stage);
    pointers.sort_by(|left, right| left.delivery_id.cmp(&right.delivery_id));
    let mut expected: Vec<_> =
        [&due, &overdue].map(|delivery| Pointer { delivery_id: delivery.id.clone(), attempt: 2 }).into();
    expected.sort_by(|left, right| left.delivery_id.cmp(&right.delivery_id));
    assert_eq!(pointers, expected);
    handle(&deps(&stage)).await.unwrap();
    assert!(queued(&stage).is_empty(), "they left the index");
    stage.clock.advance_seconds(1);
    handle(&deps(&stage)).await.unwrap();
    assert_eq!(queued(&stage), [Pointer { delivery_id: later.id, attempt: 2 }]);
}

#[tokio::test]
async fn what_the_queue_did_not_take_is_due_again() {
    let stage = TestStage::start().await;
    failed(&stage, 1, stage.clock().now()).await;
    stage.webhook_retries.fail_next(1);
    assert!(handle(&deps(&stage)).await.is_err());
    handle(&deps(&stage)).await.unwrap();
    assert_eq!(queued(&stage).len(), 1);
}

#[tokio::test]
async fn every_shard_is_swept() {
    let stage = TestStage::start().await;
    for number in 0..40 {
        failed(&stage, number, stage.clock().now()).await;
    }
    handle(&deps(&stage)).await.unwrap();
    assert_eq!(queued(&stage).len(), 40);
}

#[tokio::test]
async fn the_sample_is_a_schedules_event() {
    let stage = TestStage::start().await;
    for _ in events::parsed::<serde_json::Value>("retry-webhooks") {
        handle(&deps(&stage)).await.unwrap();
    }
}
