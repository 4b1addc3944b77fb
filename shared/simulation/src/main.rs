//! Runs worlds: many, to see which seeds fail, or one, to see what happens in it.

#![allow(clippy::print_stdout, reason = "a command line speaks to people")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use paywarden_simulation::outages::{ALL, Broken};
use paywarden_simulation::run::{Run, run_while};

#[derive(Parser)]
#[command(name = "cargo xtask simulate", about = "Runs the world from seeds and holds it to the law")]
struct Options {
    /// How many seeds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// This one alone, step by step
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// What is broken for a while: a table by its logical id, or a consumer, such as Apply
    #[arg(long, value_parser = broken)]
    broken: Option<Broken>,
    /// How many at a time
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn broken(name: &str) -> Result<Broken, String> {
    Broken::named(name).ok_or_else(|| {
        let known: Vec<String> = ALL.iter().map(ToString::to_string).collect();
        format!("one of {}", known.join(", "))
    })
}

fn main() -> ExitCode {
    let options = Options::parse();
    let failed = match options.seed {
        Some(seed) => show(&run_while(seed, options.broken)),
        None => run_all(&options),
    };
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// After so many seeds it is said how far it is.
const PROGRESS: u64 = 1_000;

/// Shows one run; answers whether it failed.
fn show(run: &Run) -> u64 {
    for (number, step) in run.steps.iter().enumerate() {
        println!("{number:4} {step}");
    }
    for violation in &run.violations {
        println!("VIOLATED {violation}");
    }
    println!("seed {}: {} steps, {} violations", run.seed, run.steps.len(), run.violations.len());
    u64::from(!run.violations.is_empty())
}

/// Runs all seeds; answers how many failed.
fn run_all(options: &Options) -> u64 {
    let (next, failed) = (AtomicU64::new(options.from), AtomicU64::new(0));
    let end = options.from.saturating_add(options.seeds);
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= end {
                        return;
                    }
                    let run = run_while(seed, options.broken);
                    if !run.violations.is_empty() {
                        failed.fetch_add(1, Ordering::SeqCst);
                        tell(&run);
                    }
                    if seed % PROGRESS == PROGRESS - 1 {
                        println!("… seed {seed}: {} failed so far", failed.load(Ordering::SeqCst));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("{} seeds from {}: {failed} failed", options.seeds, options.from);
    failed
}

fn tell(run: &Run) {
    let violations = run.violations.join("\n  ");
    println!("seed {} fails; `cargo xtask simulate --seed {}` shows it\n  {violations}", run.seed, run.seed);
}
