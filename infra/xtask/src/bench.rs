//! Benchmarks. They compare with a floor or with a smaller run of themselves, on whatever machine they run.

use std::fs::File;
use std::io::Write;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::build;
use crate::paths::root;
use crate::reconcile;
use crate::tools::{cargo, run as run_command};

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub enum Name {
    /// Read units of list pages at a thousand and at a million rows
    List,
    /// Units and dollars by operation; writes infra/costs.md
    Cost,
    /// Time of each step of a run of a million rows a side, tables and files in process
    Runs,
    /// Memory of each step of a run of five million rows a side beside what the template gives its function
    Memory,
    /// A code that a thousand pay within a minute, and sums that many add to, tables in process at a distance
    Hot,
    /// What a webhook costs beside a bare post, and what others notice of an endpoint that hangs
    Webhooks,
    /// What a page of the console takes beside reading the API's answers alone, how much of it is waiting for them, and what the page
    /// and the program weigh
    Console,
    /// Time and memory of reconciliation beside duckdb, polars and pandas on the same files
    Reconcile,
}

/// Runs one.
pub fn run(name: Name) -> anyhow::Result<()> {
    match name {
        Name::List => run_command(&mut bench("list")),
        Name::Runs => run_command(&mut bench("runs")),
        Name::Memory => run_command(&mut bench("memory")),
        // Twenty workers share the cores of this machine: what they compute must not be what is measured.
        Name::Webhooks => run_command(&mut bench_with("simulation", "webhooks")),
        Name::Hot => run_command(&mut bench_with("simulation", "hot")),
        Name::Reconcile => reconcile::bench(),
        Name::Console => {
            run_command(&mut console())?;
            weigh("serve-console")
        }
        Name::Cost => {
            let output = bench("cost").stderr(std::process::Stdio::inherit()).output()?;
            ensure!(output.status.success(), "the benchmark failed");
            let path = root().join("infra/costs.md");
            std::fs::write(&path, output.stdout).with_context(|| path.display().to_string())?;
            println!("wrote {}", path.display());
            Ok(())
        }
    }
}

/// The console's is a test of its own crate, which nobody else can look into; it is built as it is deployed, but for the linking.
fn console() -> std::process::Command {
    let mut cargo = cargo();
    cargo.args(["test", "--quiet", "--profile", "simulation", "--workspace", "--bin", "serve-console"]);
    cargo.args(["--", "--ignored", "--nocapture", "--test-threads=1", "budgets::a_page"]);
    cargo
}

/// What a program weighs as it is deployed, and zipped as the SAM CLI uploads it.
fn weigh(name: &str) -> anyhow::Result<()> {
    let path = build::as_deployed(name)?;
    let mut program = File::open(&path).with_context(|| path.display().to_string())?;
    let mut zip = DeflateEncoder::new(Weight::default(), Compression::default());
    let plain = std::io::copy(&mut program, &mut zip)?;
    println!("{name} as it is deployed: {plain} bytes, zipped {}", zip.finish()?.0);
    Ok(())
}

/// Bytes that are counted and forgotten.
#[derive(Default)]
struct Weight(usize);

impl Write for Weight {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn bench(name: &str) -> std::process::Command {
    bench_with("quick", name)
}

fn bench_with(profile: &str, name: &str) -> std::process::Command {
    let mut cargo = cargo();
    cargo.args(["bench", "--quiet", "--profile", profile, "--bench", name]);
    cargo
}
