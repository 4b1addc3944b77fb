//! The samples, through the door; what is told of them is tested in `shared/webhooks`.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::webhook::{EndpointStatus, EventType};
use paywarden_testing::{TestStage, events};

use super::*;

/// How many deliveries an event leads to, unless its batch fails.
async fn planned(event: Event) -> Option<usize> {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    stage.add_endpoint(&merchant, EndpointStatus::Enabled, &[EventType::ReconciliationCompleted]).await;
    let planner = Planner::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
    planner.plan(ended_runs(event).ok()?).await.ok()?;
    Some(stage.webhook_deliveries.take().len())
}

#[tokio::test]
async fn samples_are_handled() {
    let mut outcomes = Vec::new();
    for (case, event) in events::parsed::<Event>(env!("CARGO_PKG_NAME")) {
        outcomes.push((case, planned(event).await));
    }
    let expected = [("completed", Some(1)), ("not-a-run", None)];
    assert_eq!(outcomes, expected.map(|(case, planned)| (case.to_owned(), planned)));
}
