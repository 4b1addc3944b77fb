//! The samples, through the door.

use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Clock;
use paywarden_testing::TestWorker;

use super::*;

async fn open() -> TestWorker<SqsEvent, usize> {
    TestWorker::of_queue(env!("CARGO_PKG_NAME"), Abandoner::of, Abandoner::abandon).await
}

#[tokio::test]
async fn a_run_whose_work_failed_for_good_has_failed_and_one_that_ended_has_not() {
    let worker = open().await;
    let (_, _, run) = worker.stage.add_run(&worker.merchant).await;
    let table = worker.stage.reconciliation();
    let now_is = async || -> Run { table.run(&run.id).await.unwrap().unwrap() };
    assert_eq!(worker.handle_sample("a-shard-that-failed").await, 0);
    let failed = now_is().await;
    let told = "a step failed each time it was tried; start the run again";
    assert_eq!((failed.state, failed.failure.as_deref()), (RunState::Failed, Some(told)));
    worker.handle_sample("a-shard-that-failed").await;
    assert_eq!(now_is().await, failed);
    let again = failed.begin_again(worker.stage.clock.now()).unwrap();
    table.replace_run(&again).await.unwrap();
    worker.handle_sample("a-shard-that-failed").await;
    assert_eq!(now_is().await, again, "that was the attempt before");
}

#[tokio::test]
async fn samples_are_handled_and_what_is_no_work_comes_back() {
    open().await.samples_come_to(&[("a-shard-that-failed", 0), ("unreadable", 1)]).await;
}
