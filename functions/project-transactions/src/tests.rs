//! The samples, through the door; the step itself is tested in `shared/payments`.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_store::StoreError;
use paywarden_testing::{TestStage, events};

use super::*;

async fn handle(stage: &TestStage, event: Event) -> Result<(), StoreError> {
    let step = Projector::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    step.project(changes(event)?).await
}

#[tokio::test]
async fn samples_are_handled() {
    let expected = [("created-and-paid", Ok(2)), ("not-a-record", Err(()))];
    let mut handled = Vec::new();
    for (case, event) in events::parsed::<Event>(env!("CARGO_PKG_NAME")) {
        let stage = TestStage::start().await;
        let outcome = handle(&stage, event).await;
        handled.push((case, outcome.map(|()| stage.count("TimelineTable")).map_err(|_| ())));
    }
    assert_eq!(handled, expected.map(|(case, outcome)| (case.to_owned(), outcome)));
}
