//! Against the real store code on an in-process DynamoDB, with files in memory.

use paywarden_domain::access::Role;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_testing::{TestDoor, builders};

use super::*;
use crate::DOOR;

/// With a run that is completed, and the request for its report.
async fn open() -> (TestDoor<Deps>, Run, ApiRequest) {
    let door = TestDoor::open(DOOR, Deps::of, handle).await;
    let run = door.stage.add_completed_run(&door.merchant).await;
    let request = door.request(Role::Finance).with_path_parameter("id", run.id.as_str());
    (door, run, request)
}

#[tokio::test]
async fn a_report_has_an_address_once_there_is_one() {
    let (door, run, request) = open().await;
    let report = door.body(request.clone()).await["report"].clone();
    assert!(report["url"].as_str().unwrap().contains(&report_key(&run)), "{report}");
    assert_eq!(report["expires_at"], "2026-11-20T15:15:00+07:00");
    let failed = Run { summary: None, ..builders::run_in(&run, RunState::Failed, door.stage.clock().now()) };
    door.stage.reconciliation().replace_run(&failed).await.unwrap();
    let problem = door.refusal(request.clone()).await;
    assert_eq!((problem.status(), problem.code()), (409, "no_report"));
    let foreign = door.foreign_caller(Role::Finance).await;
    assert_eq!(door.refusal(request.with_caller(&foreign)).await.status(), 404);
}

#[tokio::test]
async fn samples_are_answered() {
    open().await.0.samples_are_answered(&[("report", 200), ("not-there", 404)]).await;
}
