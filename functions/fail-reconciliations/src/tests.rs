//! The samples, through the door.

use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Clock;
use paywarden_testing::{TestStage, events};

use super::*;

/// How many messages of an event come back.
async fn failures(stage: &TestStage, event: SqsEvent) -> usize {
    let step = Abandoner::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    batch::process(&step, event, Abandoner::abandon).await.batch_item_failures.len()
}

#[tokio::test]
async fn a_run_whose_work_failed_for_good_has_failed_and_one_that_ended_has_not() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let (_, _, run) = stage.add_run(&merchant).await;
    let table = stage.reconciliation();
    let now_is = async || -> Run { table.run(&run.id).await.unwrap().unwrap() };
    let event: SqsEvent = events::one(env!("CARGO_PKG_NAME"), "a-shard-that-failed");
    assert_eq!(failures(&stage, event.clone()).await, 0);
    let failed = now_is().await;
    let told = "a step failed each time it was tried; start the run again";
    assert_eq!((failed.state, failed.failure.as_deref()), (RunState::Failed, Some(told)));
    failures(&stage, event.clone()).await;
    assert_eq!(now_is().await, failed);
    let again = failed.begin_again(stage.clock.now()).unwrap();
    table.replace_run(&again).await.unwrap();
    failures(&stage, event).await;
    assert_eq!(now_is().await, again, "that was the attempt before");
}

#[tokio::test]
async fn samples_are_handled_and_what_is_no_work_comes_back() {
    let stage = TestStage::start().await;
    let mut outcomes = Vec::new();
    for (case, event) in events::parsed::<SqsEvent>(env!("CARGO_PKG_NAME")) {
        outcomes.push((case, failures(&stage, event).await));
    }
    assert_eq!(outcomes, [("a-shard-that-failed".to_owned(), 0), ("unreadable".to_owned(), 1)]);
}
