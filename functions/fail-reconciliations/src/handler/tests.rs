//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::reconciliation::run::RunState;
use paywarden_testing::{TestStage, events};

use super::*;

#[tokio::test]
async fn a_run_whose_work_failed_for_good_has_failed_and_one_that_ended_has_not() {
    let stage = TestStage::start().await;
    let merchant = stage.add_merchant("Kopi Nusantara").await;
    let (_, _, run) = stage.add_run(&merchant).await;
    let deps = Deps { table: stage.reconciliation(), clock: stage.clock() };
    let event: SqsEvent = events::one("fail-reconciliations", "a-shard-that-failed");
    assert_eq!(handle(&deps, event.clone()).await.batch_item_failures.len(), 0);
    let failed = deps.table.run(&run.id).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.failure.as_deref()), (RunState::Failed, Some(REASON)));
    handle(&deps, event.clone()).await;
    assert_eq!(deps.table.run(&run.id).await.unwrap().unwrap(), failed);
    let again = failed.begin_again(stage.clock().now()).unwrap();
    deps.table.replace_run(&again).await.unwrap();
    handle(&deps, event).await;
    assert_eq!(deps.table.run(&run.id).await.unwrap().unwrap(), again, "that was the attempt before");
}

#[tokio::test]
async fn samples_are_handled_and_what_is_no_work_comes_back() {
    let stage = TestStage::start().await;
    let deps = Deps { table: stage.reconciliation(), clock: stage.clock() };
    let mut failures = Vec::new();
    for (case, event) in events::parsed::<SqsEvent>("fail-reconciliations") {
        failures.push((case, handle(&deps, event).await.batch_item_failures.len()));
    }
    assert_eq!(failures, [("a-shard-that-failed".to_owned(), 0), ("unreadable".to_owned(), 1)]);
}
