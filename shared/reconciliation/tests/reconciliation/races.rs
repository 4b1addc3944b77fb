//! Those who meet at one run: one is let in before every operation of the other, and after its last.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use paywarden_domain::actor::Actor;
use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::exception::{Action, Exception, ExceptionStatus};
use paywarden_domain::reconciliation::run::{Run, RunScope, RunState, Trigger};
use paywarden_reconciliation::cancel::{CancelError, Canceller};
use paywarden_reconciliation::decide::{DecideError, Decider, Decision};
use paywarden_reconciliation::start::Started;
use paywarden_reconciliation::work::Work;

use crate::workshop::{HEADER, Workshop, line};

const DAY: &str = "2026-11-20T03:00:00Z";

/// The queue of runs to be finished.
const FINISHES: usize = 2;

/// Times a step is done again before a test gives it up.
const PATIENCE: usize = 5;

/// A payment that the statement has otherwise, and a run over both as far as it is queued.
async fn prepared() -> (Workshop, Run) {
    let workshop = Workshop::open().await;
    workshop.paid("INV1", "10000", DAY).await;
    let run = queued(&workshop, "9000", Rules::default()).await;
    (workshop, run)
}

async fn queued(workshop: &Workshop, amount: &str, rules: Rules) -> Run {
    let text = format!("{HEADER}{}", line("INV1", amount, DAY));
    let statement = workshop.statement(amount, &text).await;
    let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
    workshop.start(RunScope { rules, ..scope }, &[&statement]).await
}

/// Works until a run has nothing left but to be finished; answers that work.
async fn up_to_the_finish(workshop: &Workshop) -> Work {
    let mut waiting = workshop.messages();
    loop {
        let (queue, work) = waiting.remove(0);
        if queue == FINISHES {
            return work;
        }
        step(workshop, queue, &work).await;
        waiting.extend(workshop.messages());
    }
}

/// Does a step as the queue does: again when it fails.
async fn step(workshop: &Workshop, queue: usize, work: &Work) {
    for _ in 0..PATIENCE {
        if workshop.step(queue, work).await.is_ok() {
            return;
        }
    }
    panic!("{work:?} does not come to its end");
}

async fn run_now(workshop: &Workshop, run: &Run) -> Run {
    workshop.table().run(&run.id).await.unwrap().unwrap()
}

async fn findings(workshop: &Workshop, run: &Run) -> Vec<Exception> {
    workshop.table().findings(&run.id, None, None, 100).await.unwrap().exceptions
}

/// Decides on an exception; answers whether it was still open.
async fn resolve(workshop: &Workshop, exception: &Exception) -> bool {
    let decision = Decision {
        id: exception.id.clone(),
        action: Action::Resolve,
        reason: "looked into".to_owned(),
        assignee: None,
    };
    let decider = Decider::of(&workshop.stage.stores()).unwrap();
    match decider.decide(&workshop.merchant.id, &decision, &Actor::Operator).await {
        Ok(_) => true,
        Err(DecideError::Closed(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_somebody_stops_is_stopped_or_too_far() {
    for operation in 0.. {
        let (workshop, run) = prepared().await;
        let workshop = Arc::new(workshop);
        let told = Arc::new(Mutex::new(None));
        let (there, id, answer) = (Arc::clone(&workshop), run.id.clone(), Arc::clone(&told));
        workshop.stage.faults.meanwhile(operation, async move {
            let canceller = Canceller::of(&there.stage.stores()).unwrap();
            let stopped = canceller.cancel(&there.merchant.id, &id).await;
            *answer.lock().unwrap() = Some(match stopped {
                Ok(_) => RunState::Cancelled,
                Err(CancelError::TooLate(_)) => RunState::Completed,
                Err(error) => panic!("{error}"),
            });
        });
        workshop.work().await;
        let let_in = !workshop.stage.faults.nobody_else();
        let state = run_now(&workshop, &run).await.state;
        if !let_in {
            assert_eq!(state, RunState::Completed);
            break;
        }
        assert_eq!(Some(state), *told.lock().unwrap(), "stopped before operation {operation}");
        let found = findings(&workshop, &run).await.len();
        assert_eq!(found, usize::from(state == RunState::Completed), "stopped before operation {operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_that_end_at_once_one_counts() {
    for operation in 0.. {
        let (workshop, one) = prepared().await;
        let finish_one = up_to_the_finish(&workshop).await;
        let other = queued(&workshop, "9000", Rules { tolerance_minor: 1, ..Rules::default() }).await;
        let finish_other = up_to_the_finish(&workshop).await;
        let workshop = Arc::new(workshop);
        let there = Arc::clone(&workshop);
        let late = finish_other.clone();
        workshop.stage.faults.meanwhile(operation, async move { step(&there, FINISHES, &late).await });
        step(&workshop, FINISHES, &finish_one).await;
        let let_in = !workshop.stage.faults.nobody_else();
        step(&workshop, FINISHES, &finish_other).await;
        let runs = [run_now(&workshop, &one).await, run_now(&workshop, &other).await];
        let counts: Vec<&Run> = runs.iter().filter(|run| run.state == RunState::Completed).collect();
        let [counts] = counts[..] else { panic!("before operation {operation}: {runs:?}") };
        assert!(runs.iter().any(|run| run.state == RunState::Superseded), "before operation {operation}");
        let of_the_days = workshop.table().run_that_counts(counts).await.unwrap().unwrap();
        assert_eq!(of_the_days.id, counts.id, "before operation {operation}");
        if !let_in {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_decides_is_not_undone_by_a_run_that_ends() {
    for operation in 0.. {
        let (workshop, first) = prepared().await;
        workshop.work().await;
        let [exception] = findings(&workshop, &first).await.try_into().unwrap();
        workshop.stage.clock.advance_seconds(60);
        // The statement comes anew, and has it right.
        queued(&workshop, "10000", Rules::default()).await;
        let finish = up_to_the_finish(&workshop).await;
        let workshop = Arc::new(workshop);
        let decided = Arc::new(AtomicBool::new(false));
        let (there, open, answer) = (Arc::clone(&workshop), exception.clone(), Arc::clone(&decided));
        workshop.stage.faults.meanwhile(operation, async move {
            answer.store(resolve(&there, &open).await, Ordering::SeqCst);
        });
        step(&workshop, FINISHES, &finish).await;
        let let_in = !workshop.stage.faults.nobody_else();
        if !let_in {
            break;
        }
        let now = workshop.table().exception(&workshop.merchant.id, &exception.id).await.unwrap().unwrap();
        let is_decided = decided.load(Ordering::SeqCst);
        let expected = if is_decided { ExceptionStatus::Resolved } else { ExceptionStatus::AutoCleared };
        assert_eq!(now.status, expected, "decided before operation {operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_twice_at_once_is_worked_once() {
    for operation in 0.. {
        let (workshop, run) = prepared().await;
        let finish = up_to_the_finish(&workshop).await;
        let workshop = Arc::new(workshop);
        let (there, again, of_run) = (Arc::clone(&workshop), finish.clone(), run.clone());
        // And what the other one found is decided on before this one goes on.
        workshop.stage.faults.meanwhile(operation, async move {
            step(&there, FINISHES, &again).await;
            let [exception] = findings(&there, &of_run).await.try_into().unwrap();
            assert!(resolve(&there, &exception).await);
        });
        step(&workshop, FINISHES, &finish).await;
        let let_in = !workshop.stage.faults.nobody_else();
        assert_eq!(run_now(&workshop, &run).await.state, RunState::Completed, "before operation {operation}");
        if !let_in {
            break;
        }
        let [exception] = findings(&workshop, &run).await.try_into().unwrap();
        assert_eq!(exception.status, ExceptionStatus::Resolved, "before operation {operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_ask_for_the_same_run_begin_it_once() {
    for operation in 0.. {
        let workshop = Workshop::open().await;
        let text = format!("{HEADER}{}", line("INV1", "9000", DAY));
        let statement = workshop.statement("one", &text).await;
        let scope = workshop.scope("2026-11-20", "2026-11-20", &[&statement]);
        let workshop = Arc::new(workshop);
        let (there, same, of_it) = (Arc::clone(&workshop), scope.clone(), statement.clone());
        workshop.stage.faults.meanwhile(operation, async move {
            let started = there.starter().start(same, &[&of_it], Trigger::Schedule, Actor::Automation).await;
            assert!(started.is_ok());
            there.work().await;
        });
        let starter = workshop.starter();
        let own = starter.start(scope, &[&statement], Trigger::Schedule, Actor::Automation).await.unwrap();
        let let_in = !workshop.stage.faults.nobody_else();
        workshop.work().await;
        assert_eq!(run_now(&workshop, &own.clone().into_run()).await.state, RunState::Completed);
        if !let_in {
            assert!(matches!(own, Started::Begun(_)), "nobody else was there");
            break;
        }
        let queued_behind = matches!(own, Started::Begun(_)) && operation > 1;
        assert!(queued_behind || matches!(own, Started::Known(_)), "before operation {operation}: {own:?}");
    }
}

#[tokio::test]
async fn a_run_that_began_earlier_and_ends_later_steps_back() {
    let (workshop, early) = prepared().await;
    let finish_early = up_to_the_finish(&workshop).await;
    workshop.stage.clock.advance_seconds(60);
    let late = queued(&workshop, "10000", Rules::default()).await;
    let finish_late = up_to_the_finish(&workshop).await;
    step(&workshop, FINISHES, &finish_late).await;
    step(&workshop, FINISHES, &finish_early).await;
    let states = [run_now(&workshop, &early).await.state, run_now(&workshop, &late).await.state];
    assert_eq!(states, [RunState::Superseded, RunState::Completed]);
    assert_eq!(findings(&workshop, &early).await, [], "what it found is out of date");
}
