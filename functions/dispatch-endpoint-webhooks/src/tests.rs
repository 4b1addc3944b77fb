//! The samples, through the door; what is told of them is tested in `shared/webhooks`.

use paywarden_domain::webhook::{EndpointStatus, EventType};
use paywarden_testing::TestWorker;

use super::*;

#[tokio::test]
async fn samples_are_handled_and_what_cannot_be_read_is_put_aside() {
    let worker =
        TestWorker::of_stream(env!("CARGO_PKG_NAME"), Planner::of, switched_off, Planner::plan).await;
    worker
        .stage
        .add_endpoint(&worker.merchant, EndpointStatus::Enabled, &[EventType::EndpointDisabled])
        .await;
    // How many deliveries an event leads to, unless its batch fails.
    let planned = |outcome: Result<_, _>| outcome.ok().map(|()| worker.stage.webhook_deliveries.take().len());
    worker
        .samples_come_to_what_is_told(
            &[("gone", Some(1)), ("not-an-endpoint", Some(0)), ("only-renamed", Some(0))],
            planned,
        )
        .await;
    let [aside] = worker.stage.objects.keys().try_into().unwrap();
    assert!(aside.starts_with("unreadable/dispatch-endpoint-webhooks/"), "{aside}");
}
