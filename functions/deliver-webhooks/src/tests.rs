//! The samples, through the door; the attempts themselves are tested in `shared/webhooks`.

use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_testing::{TestStage, events};

use super::*;

/// How many messages of an event come back.
async fn failures(stage: &TestStage, event: SqsEvent) -> usize {
    let step = Deliverer::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    batch::process(&step, event, Deliverer::handle).await.batch_item_failures.len()
}

#[tokio::test]
async fn samples_are_handled_and_what_is_no_pointer_comes_back() {
    let stage = TestStage::start().await;
    let mut outcomes = Vec::new();
    for (case, event) in events::parsed::<SqsEvent>(env!("CARGO_PKG_NAME")) {
        outcomes.push((case, failures(&stage, event).await));
    }
    assert_eq!(outcomes, [("first-attempt".to_owned(), 0), ("unreadable".to_owned(), 1)]);
}

#[tokio::test]
async fn a_failure_of_ours_comes_back() {
    let stage = TestStage::start().await;
    stage.faults.kill_before(0);
    assert_eq!(failures(&stage, events::one(env!("CARGO_PKG_NAME"), "first-attempt")).await, 1);
}
