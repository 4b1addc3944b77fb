//! Against the real store code on an in-process DynamoDB.

use paywarden_domain::access::Role;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a run, and the request that stops it.
async fn open() -> (TestDoor<Deps>, Run, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let (_, _, run) = door.stage.add_run(&door.merchant).await;
    let request = door.request(Role::Finance).with_path_parameter("id", run.id.as_str());
    (door, run, request)
}

#[tokio::test]
async fn a_run_is_stopped_by_its_owner_while_it_can_be_however_often() {
    let (door, _, request) = open().await;
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.clone().with_caller(&foreign)).await.status(), 404);
    for _ in 0..2 {
        assert_eq!(door.body(request.clone()).await["run"]["state"], "CANCELLED");
    }
}

#[tokio::test]
async fn a_run_that_is_being_finished_or_has_ended_is_not_stopped() {
    let (door, mut run, request) = open().await;
    for state in [RunState::Reducing, RunState::Completed, RunState::Superseded] {
        run = builders::run_in(&run, state, door.stage.clock().now());
        door.stage.reconciliation().replace_run(&run).await.unwrap();
        let problem = door.refusal(request.clone()).await;
        assert_eq!((problem.status(), problem.code()), (409, "run_not_cancellable"), "{state}");
    }
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("of-a-run", 200), ("not-there", 404)]).await;
}
