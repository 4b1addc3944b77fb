//! The samples, through the door; the step itself is tested in `shared/payments`.

use paywarden_testing::TestWorker;

use super::*;

#[tokio::test]
async fn samples_are_handled() {
    let worker =
        TestWorker::of_stream(env!("CARGO_PKG_NAME"), Projector::of, changes, Projector::project).await;
    let written = |outcome: Result<_, _>| outcome.ok().map(|()| worker.stage.count("TimelineTable"));
    worker
        .samples_come_to_what_is_told(&[("created-and-paid", Some(2)), ("not-a-record", None)], written)
        .await;
}
