//! The samples, through the door; the step itself is tested in `shared/payments`.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_store::StoreError;
use paywarden_testing::{TestWorker, events};

use super::*;

#[tokio::test]
async fn samples_are_handled() {
    let worker =
        TestWorker::of_stream(env!("CARGO_PKG_NAME"), Projector::of, each_change, Projector::project_each)
            .await;
    let written = |outcome: Result<_, _>| outcome.ok().map(|()| worker.stage.count("TimelineTable"));
    worker
        .samples_come_to_what_is_told(&[("created-and-paid", Some(2)), ("not-a-record", None)], written)
        .await;
}

#[tokio::test]
async fn what_cannot_be_read_fails_when_all_else_of_its_batch_is_projected() {
    let name = env!("CARGO_PKG_NAME");
    let worker = TestWorker::of_stream(name, Projector::of, each_change, Projector::project_each).await;
    let mut batch: Event = events::one(name, "not-a-record");
    batch.records.extend(events::one::<Event>(name, "created-and-paid").records);
    let outcome = worker.handle(batch).await;
    assert!(matches!(outcome, Err(StoreError::Corrupt { .. })), "{outcome:?}");
    assert_eq!(worker.stage.count("TimelineTable"), 2);
}
