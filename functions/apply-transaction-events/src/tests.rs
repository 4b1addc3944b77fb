//! The samples, through the door; the step itself is tested in `shared/payments`.

use aws_lambda_events::event::sqs::SqsEvent;
use paywarden_testing::{TestStage, events};

use super::*;

/// A stage with the merchant of the samples, and how many messages of an event come back.
async fn failures(event: SqsEvent) -> (TestStage, usize) {
    let stage = TestStage::start().await;
    stage.add_merchant("Kopi Nusantara").await;
    let step = Applier::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    let failures = batch::process(&step, event, Applier::apply).await.batch_item_failures.len();
    (stage, failures)
}

#[tokio::test]
async fn samples_are_handled() {
    let expected = |case: &str| usize::from(case == "unreadable");
    for (case, event) in events::parsed(env!("CARGO_PKG_NAME")) {
        let (stage, failures) = failures(event).await;
        assert_eq!(failures, expected(&case), "{case}");
        assert_eq!(stage.count("TransactionsTable"), 1 - expected(&case), "{case}");
    }
}

#[tokio::test]
async fn only_the_message_that_failed_comes_back() {
    let mut event: SqsEvent = events::one(env!("CARGO_PKG_NAME"), "paid");
    let unreadable: SqsEvent = events::one(env!("CARGO_PKG_NAME"), "unreadable");
    event.records.extend(unreadable.records);
    let (stage, failures) = failures(event).await;
    assert_eq!((failures, stage.count("TransactionsTable")), (1, 1));
}
