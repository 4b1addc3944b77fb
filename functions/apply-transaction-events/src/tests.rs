//! The samples, through the door; the step itself is tested in `shared/payments`.

use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_testing::{TestWorker, events};

use super::*;

async fn open() -> TestWorker<SqsEvent, usize> {
    TestWorker::of_queue_in_lanes(env!("CARGO_PKG_NAME"), Applier::of, lane, Applier::apply_lane).await
}

#[tokio::test]
async fn samples_are_handled() {
    let expected = |case: &str| usize::from(case == "unreadable");
    for (case, event) in events::parsed(env!("CARGO_PKG_NAME")) {
        let worker = open().await;
        assert_eq!(worker.handle(event).await, expected(&case), "{case}");
        assert_eq!(worker.stage.count("TransactionsTable"), 1 - expected(&case), "{case}");
    }
}

#[tokio::test]
async fn only_the_message_that_failed_comes_back() {
    let mut event: SqsEvent = events::one(env!("CARGO_PKG_NAME"), "paid");
    let unreadable: SqsEvent = events::one(env!("CARGO_PKG_NAME"), "unreadable");
    event.records.extend(unreadable.records);
    let worker = open().await;
    assert_eq!((worker.handle(event).await, worker.stage.count("TransactionsTable")), (1, 1));
}
