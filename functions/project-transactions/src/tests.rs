//! The samples, through the door; the step itself is tested in `shared/payments`.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_store::StoreError;
use paywarden_store::put_aside::PutAside;
use paywarden_testing::{TestWorker, events};

use super::*;

const NAME: &str = env!("CARGO_PKG_NAME");

/// Where the sample that is no record is put aside.
const ASIDE: &str = "unreadable/project-transactions/47356f886ad94ca0a66ac1261768e047";

async fn open() -> TestWorker<Event, Result<(), StoreError>> {
    TestWorker::of_stream(NAME, Projector::of, change, Projector::project).await
}

#[tokio::test]
async fn samples_are_handled() {
    let worker = open().await;
    let written = |outcome: Result<_, _>| outcome.ok().map(|()| worker.stage.count("TimelineTable"));
    worker
        .samples_come_to_what_is_told(&[("created-and-paid", Some(2)), ("not-a-record", Some(2))], written)
        .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_put_aside_once_and_all_else_of_its_batch_is_projected() {
    let worker = open().await;
    let mut batch: Event = events::one(NAME, "not-a-record");
    batch.records.extend(events::one::<Event>(NAME, "created-and-paid").records);
    for _ in 0..2 {
        worker.handle(batch.clone()).await.unwrap();
        assert_eq!(worker.stage.count("TimelineTable"), 2);
        assert_eq!(worker.stage.objects.keys(), [ASIDE]);
    }
}

#[tokio::test]
async fn a_batch_of_which_something_cannot_be_put_aside_comes_again() {
    let worker = open().await;
    worker.stage.faults.kill_before(0);
    let outcome = worker.handle_sample("not-a-record").await;
    assert!(matches!(outcome, Err(StoreError::Unavailable { .. })), "{outcome:?}");
    worker.stage.faults.restart();
    worker.handle_sample("not-a-record").await.unwrap();
    assert_eq!(worker.stage.objects.keys(), [ASIDE]);
}

#[tokio::test]
async fn a_record_lies_there_as_lambda_would_have_put_it() {
    let worker = open().await;
    worker.handle_sample("not-a-record").await.unwrap();
    let object: PutAside = serde_json::from_str(&worker.stage.objects.text(ASIDE).unwrap()).unwrap();
    let function = "arn:aws:lambda:us-east-1:000000000000:function:paywarden-test-project-transactions";
    assert_eq!(object.request_context.function_arn, function);
    assert_eq!(object.request_context.condition, "Unreadable");
    assert_eq!(object.timestamp, "2026-11-20T08:00:00.000Z");
    let event: Event = serde_json::from_str(&object.payload).unwrap();
    assert_eq!(event, events::one(NAME, "not-a-record"));
}
