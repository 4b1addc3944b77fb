//! The samples, through the door; the attempts themselves are tested in `shared/webhooks`.

use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_testing::TestWorker;

use super::*;

async fn open() -> TestWorker<SqsEvent, usize> {
    TestWorker::of_queue(env!("CARGO_PKG_NAME"), Courier::of, Courier::run).await
}

#[tokio::test]
async fn samples_are_handled_and_what_is_no_pointer_comes_back() {
    let expected = [("batch", 0), ("first-attempt", 0), ("step-of-a-replay", 0), ("unreadable", 1)];
    open().await.samples_come_to(&expected).await;
}

#[tokio::test]
async fn a_failure_of_ours_comes_back() {
    let worker = open().await;
    worker.stage.faults.kill_before(0);
    assert_eq!(worker.handle_sample("first-attempt").await, 1);
}
