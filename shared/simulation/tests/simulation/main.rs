//! Some hundred worlds, and that a seed is all there is to a run.

use std::thread;

use paywarden_simulation::run::run;

/// Worlds that are lived through with every run of the tests.
const SEEDS: u64 = 200;
const THREADS: u64 = 2;

#[test]
fn the_law_holds_in_some_hundred_worlds() {
    let failed: Vec<String> = thread::scope(|scope| {
        let some = |first| (first..SEEDS).step_by(usize::try_from(THREADS).unwrap_or(1));
        let workers: Vec<_> =
            (0..THREADS).map(|first| scope.spawn(move || some(first).map(run).collect::<Vec<_>>())).collect();
        let runs = workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default());
        runs.filter(|run| !run.violations.is_empty())
            .map(|run| format!("seed {}:\n  {}", run.seed, run.violations.join("\n  ")))
            .collect()
    });
    assert!(failed.is_empty(), "{} of {SEEDS} fail\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn one_seed_is_one_run() {
    for seed in [3, 14, 159] {
        let (once, again) = (run(seed), run(seed));
        assert!(once.steps.len() > 10, "{} steps", once.steps.len());
        assert_eq!(once, again);
    }
}
