//! The states of a run: what may follow what.

use paywarden_domain::reconciliation::run::{InvalidTransition, Manifest, Run, RunState};
use paywarden_domain::reconciliation::tally::RowTotals;
use paywarden_testing::builders;
use serde_json::json;

type Step = (&'static str, Result<Run, InvalidTransition>);

/// Every step, taken from one run.
fn steps(run: &Run) -> [Step; 8] {
    let now = builders::at("2026-11-20T09:00:00Z");
    let manifest = Manifest {
        prefix: "work".to_owned(),
        shards: 1,
        has_rejects: false,
        as_of: 20_777,
        inputs: RowTotals::default(),
    };
    [
        ("begin", run.begin(now)),
        ("begin_matching", run.begin_matching(manifest, now)),
        ("begin_reducing", run.begin_reducing(now)),
        ("complete", run.complete(&json!({}), None, now)),
        ("supersede", run.supersede(&run.id, now)),
        ("fail", run.fail("gone", now)),
        ("cancel", run.cancel(now)),
        ("begin_again", run.begin_again(now)),
    ]
}

fn run() -> Run {
    let merchant = builders::merchant("Kopi Nusantara");
    let provider = builders::provider(&merchant, paywarden_domain::provider::ProviderType::Xendit);
    builders::run(&builders::statement(&provider))
}

fn run_in(state: RunState) -> Run {
    builders::run_in(&run(), state, builders::at("2026-11-20T08:00:00Z"))
}

#[test]
fn each_state_takes_its_own_steps_and_refuses_all_others() {
    let expected = [
        (RunState::Queued, "begin fail cancel"),
        (RunState::Partitioning, "begin_matching fail cancel"),
        (RunState::Matching, "begin_reducing fail cancel"),
        (RunState::Reducing, "complete supersede fail"),
        (RunState::Completed, "supersede"),
        (RunState::CompletedWithRejects, "supersede"),
        (RunState::Failed, "begin_again"),
        (RunState::Cancelled, "begin_again"),
        (RunState::Superseded, ""),
    ];
    assert_eq!(expected.len(), RunState::ALL.len());
    for (state, steps_taken) in expected {
        let taken = steps(&run_in(state)).into_iter().filter(|(_, step)| step.is_ok());
        assert_eq!(taken.map(|(name, _)| name).collect::<Vec<_>>().join(" "), steps_taken, "{state}");
        for (name, refused) in
            steps(&run_in(state)).into_iter().filter_map(|(name, step)| Some((name, step.err()?)))
        {
            assert_eq!(refused.from, state, "{name}");
        }
    }
}

#[test]
fn a_run_keeps_its_times_and_forgets_a_failed_attempt() {
    let [start, end, later] = [1, 2, 3].map(|hour| builders::at(&format!("2026-11-20T0{hour}:00:00Z")));
    let begun = run().begin(start).unwrap();
    assert_eq!((begun.started_at, begun.finished_at, begun.version), (Some(start), None, 2));
    let failed = begun.fail("the statement is gone", end).unwrap();
    assert_eq!((failed.finished_at, failed.failure.as_deref()), (Some(end), Some("the statement is gone")));
    let again = failed.begin_again(later).unwrap();
    assert_eq!((again.state, again.attempt, again.version), (RunState::Queued, 2, 4));
    assert_eq!((again.started_at, again.finished_at, &again.failure), (None, None, &None));
    let completed = Run { finished_at: Some(end), ..run_in(RunState::Completed) };
    let retired = completed.supersede(&run().id, later).unwrap();
    assert_eq!((retired.finished_at, retired.superseded_by), (Some(end), Some(run().id)));
}

#[test]
fn what_was_rejected_shows_in_the_state() {
    let now = builders::at("2026-11-20T09:00:00Z");
    for (has_rejects, expected) in [(false, RunState::Completed), (true, RunState::CompletedWithRejects)] {
        let manifest = Manifest {
            prefix: String::new(),
            shards: 1,
            has_rejects,
            as_of: 0,
            inputs: RowTotals::default(),
        };
        let reducing = Run { manifest: Some(manifest), ..run_in(RunState::Reducing) };
        let completed = reducing.complete(&json!({"conserved": true}), None, now).unwrap();
        assert_eq!((completed.state, completed.finished_at), (expected, Some(now)));
        assert_eq!(completed.summary.as_deref(), Some(r#"{"conserved":true}"#));
    }
}
