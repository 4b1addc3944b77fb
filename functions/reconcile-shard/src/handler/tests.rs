//! The wiring of messages to the step; the step itself is tested in `shared/reconciliation`.

use paywarden_testing::{TestStage, events};

use super::*;

fn step(stage: &TestStage) -> Matcher {
    Matcher {
        table: stage.reconciliation(),
        objects: stage.objects(),
        finishes: stage.reconciliation_queue(2),
        clock: stage.clock(),
    }
}

#[tokio::test]
async fn samples_are_handled_and_what_is_no_work_comes_back() {
    let stage = TestStage::start().await;
    let mut failures = Vec::new();
    for (case, event) in events::parsed::<SqsEvent>("reconcile-shard") {
        failures.push((case, handle(&step(&stage), event).await.batch_item_failures.len()));
    }
    assert_eq!(failures, [("first-shard".to_owned(), 0), ("unreadable".to_owned(), 1)]);
}

#[tokio::test]
async fn a_failure_of_ours_comes_back() {
    let stage = TestStage::start().await;
    stage.faults.kill_before(0);
    let response = handle(&step(&stage), events::one("reconcile-shard", "first-shard")).await;
    assert_eq!(response.batch_item_failures.len(), 1);
}
