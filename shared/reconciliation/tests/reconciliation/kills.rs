//! Processes that die: before each single operation of a run, and at its worst moments again and again.

use paywarden_domain::actor::Actor;
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
    // In one part, and in several that are committed one by one.
    for (kill, part_rows) in (0..operations).flat_map(|kill| [(kill, 1_000), (kill, 2)]) {
        let (mut workshop, run) = prepared().await;
        workshop.part_rows = part_rows;
        workshop.stage.faults.kill_before(kill);
        workshop.work().await;
        assert_eq!(
            outcome(&workshop, &run).await,
            expected,
            "killed before operation {kill}, {part_rows} rows a part"
        );
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
async fn what_was_committed_of_a_ledger_is_not_read_again() {
    let (mut workshop, run) = prepared().await;
    workshop.part_rows = 2;
    let (queue, begin) = workshop.messages().remove(0);
    let parts = |workshop: &Workshop| -> Vec<String> {
        workshop.stage.objects.keys().into_iter().filter(|key| key.contains("-ledger/")).collect()
    };
    let mut kill = 0;
    // Dies with two parts of two rows committed, and three to go.
    while parts(&workshop).len() < 3 {
        kill += 1;
        workshop.stage.faults.kill_before(kill);
        workshop.step(queue, &begin).await.unwrap_err();
        workshop.stage.faults.restart();
    }
    let committed = parts(&workshop);
    // What is in them goes from the ledger: who reads it again has other rows.
    for number in 0..6 {
        workshop.gone(&format!("INV{number}"), "10000", DAY).await;
    }
    workshop.step(queue, &begin).await.unwrap();
    assert_eq!(parts(&workshop)[..2], committed[..2]);
    workshop.work().await;
    let run = workshop.table().run(&run.id).await.unwrap().unwrap();
    let rows = summary(&run)["rows"]["ledger"].as_u64().unwrap();
    assert!(run.state == RunState::Completed && (4..6).contains(&rows), "{rows} rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_overtaken_while_it_reads_goes_on_behind_the_other() {
    for let_in in 4..12 {
        let (mut workshop, run) = prepared().await;
        workshop.part_rows = 2;
        workshop.work().await;
        let expected = outcome(&workshop, &run).await;
        let (mut workshop, run) = prepared().await;
        workshop.part_rows = 2;
        let workshop = std::sync::Arc::new(workshop);
        let (queue, begin) = workshop.messages().remove(0);
        let (other, work) = (std::sync::Arc::clone(&workshop), begin.clone());
        workshop.stage.faults.meanwhile(let_in, async move { drop(other.step(queue, &work).await) });
        workshop.step(queue, &begin).await.unwrap();
        assert!(workshop.stage.faults.was_let_in());
        workshop.work().await;
        assert_eq!(outcome(&workshop, &run).await, expected, "let in before operation {let_in}");
    }
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
