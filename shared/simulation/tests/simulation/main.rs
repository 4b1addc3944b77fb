//! Some hundred worlds, and that a seed is all there is to a run.

use std::panic::resume_unwind;
use std::thread;

use paywarden_simulation::outages::{ALL, Broken};
use paywarden_simulation::run::{Run, run, run_while};

/// Worlds that are lived through with every run of the tests.
const SEEDS: u64 = 200;
const THREADS: usize = 2;

/// Worlds that are lived through for each thing that is broken in them.
const SEEDS_OF_OUTAGE: u64 = 4;

/// Lives through worlds, each of a seed in which something may be broken, and tells what is wrong in which.
fn live_through(worlds: &[(u64, Option<Broken>)]) {
    let of_thread = |first| worlds.iter().skip(first).step_by(THREADS);
    let failed: Vec<String> = thread::scope(|scope| {
        let lived = |(seed, broken): &(u64, Option<Broken>)| (*broken, run_while(*seed, *broken));
        let workers: Vec<_> = (0..THREADS)
            .map(|first| scope.spawn(move || of_thread(first).map(lived).collect::<Vec<_>>()))
            .collect();
        let runs =
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        runs.filter(|(_, run)| !run.violations.is_empty()).map(|(broken, run)| told(broken, &run)).collect()
    });
    assert!(failed.is_empty(), "{} of {} fail\n{}", failed.len(), worlds.len(), failed.join("\n"));
}

fn told(broken: Option<Broken>, run: &Run) -> String {
    let broken = broken.map(|broken| format!(" with {broken} broken")).unwrap_or_default();
    format!("seed {}{broken}:\n  {}", run.seed, run.violations.join("\n  "))
}

#[test]
fn the_law_holds_in_some_hundred_worlds() {
    live_through(&(0..SEEDS).map(|seed| (seed, None)).collect::<Vec<_>>());
}

/// A table for ten minutes, or a consumer for 26 hours; after that nobody looks at dead letters for 13 days.
#[test]
fn nothing_is_lost_while_something_is_broken() {
    let broken = ALL.into_iter().zip((0..).step_by(100));
    let worlds = broken
        .flat_map(|(broken, first)| (first..first + SEEDS_OF_OUTAGE).map(move |seed| (seed, Some(broken))));
    live_through(&worlds.collect::<Vec<_>>());
}

#[test]
fn one_seed_is_one_run() {
    for seed in [3, 14, 159] {
        let (once, again) = (run(seed), run(seed));
        assert!(once.steps.len() > 10, "{} steps", once.steps.len());
        assert_eq!(once, again);
    }
}
