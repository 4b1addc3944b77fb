//! Processes that die: before each single operation of a run, and at its worst moments again and again.

use paywarden_domain::provider::Actor;
use paywarden_domain::reconciliation::run::{Run, RunState, Trigger};

use crate::workshop::{HEADER, Workshop, line, summary};

const DAY: &str = "2026-11-20T03:00:00Z";

/// A workshop with something of everything, and its run as far as it is queued.
async fn prepared() -> (Workshop, Run) {
    let workshop = Workshop::open().await;
    for number in 0..6 {
        workshop.paid(&format!("INV{number}"), "10000", DAY).await;
    }
    let mut text = HEADER.to_owned();
    for number in 1..6 {
        text += &line(&format!("INV{number}"), if number == 2 { "9000" } else { "10000" }, DAY);
    }
    text += &line("FOREIGN", "1", DAY);
    let statement = workshop.statement("one", &text).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    let run = workshop.start(scope, &[&statement]).await;
    (workshop, run)
}

async fn outcome(workshop: &Workshop, run: &Run) -> (String, String, Vec<String>) {
    let run = workshop.table().run(&run.id).await.unwrap().unwrap();
    assert_eq!(run.state, RunState::Completed);
    let found = workshop.table().findings(&run.id, None, None, 100).await.unwrap().exceptions;
    let found = found.iter().map(|one| format!("{} {} {}", one.id, one.status, one.history.len())).collect();
    (summary(&run)["result_sha256"].to_string(), workshop.report(&run), found)
}

#[tokio::test]
async fn a_kill_before_any_operation_changes_nothing() {
    let (workshop, run) = prepared().await;
    workshop.stage.faults.kill_before(i64::MAX);
    workshop.work().await;
    let operations = workshop.stage.faults.operations();
    let expected = outcome(&workshop, &run).await;
    assert!(expected.2.len() == 2 && operations > 40, "{operations} operations");
    for kill in 0..operations {
        let (workshop, run) = prepared().await;
        workshop.stage.faults.kill_before(kill);
        workshop.work().await;
        assert_eq!(outcome(&workshop, &run).await, expected, "killed before operation {kill}");
    }
}

#[tokio::test]
async fn a_step_that_is_done_twice_and_out_of_order_changes_nothing() {
    let (workshop, run) = prepared().await;
    let mut done = Vec::new();
    let mut waiting = workshop.messages();
    while let Some((queue, work)) = waiting.pop() {
        workshop.step(queue, &work).await.unwrap();
        workshop.step(queue, &work).await.unwrap();
        done.push((queue, work));
        waiting.extend(workshop.messages());
        assert!(done.len() < 500, "repeats do not go on for ever");
    }
    let expected = outcome(&workshop, &run).await;
    for (queue, work) in done {
        workshop.step(queue, &work).await.unwrap();
    }
    assert_eq!(workshop.messages(), [], "what is over is not queued again");
    assert_eq!(outcome(&workshop, &run).await, expected);
}

#[tokio::test]
async fn a_ledger_that_changes_between_two_tries_is_read_as_a_whole() {
    let (workshop, run) = prepared().await;
    let (queue, begin) = workshop.messages().remove(0);
    // Dies while the shards' files are written: some of the first try's files are there.
    workshop.stage.faults.kill_before(8);
    workshop.step(queue, &begin).await.unwrap_err();
    assert!(workshop.stage.faults.restart());
    let files = workshop.stage.objects.keys().iter().filter(|key| key.starts_with("work/")).count();
    assert!(files > 0, "it died in between");
    workshop.paid("LATE", "10000", DAY).await;
    workshop.step(queue, &begin).await.unwrap();
    workshop.work().await;
    let run = workshop.table().run(&run.id).await.unwrap().unwrap();
    assert_eq!((run.state, summary(&run)["rows"]["ledger"].clone()), (RunState::Completed, 7.into()));
}

#[tokio::test]
async fn a_start_that_is_cut_off_is_begun_by_whoever_asks_next() {
    for kill in 0.. {
        let workshop = Workshop::open().await;
        let statement = workshop.statement("one", &format!("{HEADER}{}", line("INV1", "10000", DAY))).await;
        let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
        let ask = async || {
            let by = (Trigger::Schedule, Actor::Automation);
            workshop.starter().start(scope.clone(), &[&statement], by.0, by.1).await
        };
        workshop.stage.faults.kill_before(kill);
        let cut = ask().await;
        let is_dead = workshop.stage.faults.is_dead();
        workshop.stage.faults.restart();
        let run = ask().await.unwrap().into_run();
        workshop.work().await;
        let run = workshop.table().run(&run.id).await.unwrap().unwrap();
        assert_eq!(run.state, RunState::Completed, "killed before operation {kill}");
        if !is_dead {
            assert!(cut.is_ok() && kill > 1, "{kill} operations");
            break;
        }
    }
}
