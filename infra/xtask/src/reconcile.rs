//! Reconciliation of files, and how it compares with engines made for joins.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::paths::root;
use crate::progress::Step;
use crate::tools::{PythonTools, cargo};

/// Rows a side, about, that the benchmark runs on: payments have three.
const SIZES: [u64; 2] = [1_000_000, 5_000_000];

const PEERS: [&str; 3] = ["duckdb", "polars", "pandas"];

/// Runs the engine, built for release, and ends as it ends.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let status = Command::new(engine()?).arg("run").args(arguments).status()?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}

fn engine() -> anyhow::Result<PathBuf> {
    let status =
        cargo().args(["build", "--quiet", "--release", "--package", "paywarden-reconcile"]).status()?;
    ensure!(status.success(), "the engine could not be built");
    Ok(root().join("target/release/paywarden-reconcile"))
}

/// What a run took, and how many rows have which outcome, if it tells.
#[derive(Clone)]
struct Measured {
    name: &'static str,
    milliseconds: u64,
    bytes: u64,
    outcomes: Value,
}

/// Work that peers are given.
const TIERS: [(&str, &str); 2] = [
    ("join", "the plain join: the first pass and a line per pair; the engine still does all of its own"),
    ("full", "all passes and a line per row, the digest aside; every outcome has to be the engine's"),
];

/// Measures the engine and its peers on the same generated files.
pub fn bench() -> anyhow::Result<()> {
    let (engine, peers) = (engine()?, PythonTools::install_peers()?);
    let folder = std::env::temp_dir().join(format!("paywarden-bench-reconcile-{}", std::process::id()));
    for size in SIZES {
        let step = Step::begin(&format!("writing {size} rows a side"));
        let mut generate = Command::new(&engine);
        generate.args(["generate", "--payments", &(size / 3).to_string(), "--out"]).arg(&folder);
        succeeded(generate.status()?)?;
        step.done();
        let own = measure_engine(&engine, &folder)?;
        for (tier, description) in TIERS {
            let mut all = vec![own.clone()];
            for name in PEERS {
                let peer = measure_peer(&peers, tier, name, &folder)?;
                let same = peer.outcomes.is_null() || peer.outcomes == own.outcomes;
                ensure!(same, "{name} comes to other outcomes: {} and {}", peer.outcomes, own.outcomes);
                all.push(peer);
            }
            println!("\n{size} rows a side, {description}");
            print(&all);
            compare(&all);
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn measure_engine(engine: &Path, folder: &Path) -> anyhow::Result<Measured> {
    let (ledger, statement) = files(folder);
    let mut command = Command::new(engine);
    command.args(["run", "--as-of", "2026-11-20", "--ledger"]).arg(ledger).arg("--statement").arg(statement);
    measure("paywarden", command.arg("--out").arg(folder))
}

fn measure_peer(
    peers: &PythonTools,
    tier: &str,
    name: &'static str,
    folder: &Path,
) -> anyhow::Result<Measured> {
    let (ledger, statement) = files(folder);
    let mut command = Command::new(peers.tool("python"));
    command.arg(root().join("infra/reconcile/peers/main.py")).args([tier, name]).args([ledger, statement]);
    measure(name, command.arg(folder.join("peer.csv")))
}

fn files(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("ledger.csv"), folder.join("statement.csv"))
}

/// Runs a command that prints what it took as JSON.
fn measure(name: &'static str, command: &mut Command) -> anyhow::Result<Measured> {
    let step = Step::begin(name);
    let output = command.output()?;
    step.done();
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let took: Value =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{name} says nothing"))?;
    let seconds = took["seconds"].to_string();
    let (whole, fraction) = seconds.split_once('.').unwrap_or((&seconds, "0"));
    let milliseconds = whole.parse::<u64>()? * 1000 + format!("{fraction:0<3.3}").parse::<u64>()?;
    Ok(Measured {
        name,
        milliseconds,
        bytes: took["peak_memory_bytes"].as_u64().unwrap_or(0),
        outcomes: took["outcomes"].clone(),
    })
}

fn succeeded(status: ExitStatus) -> anyhow::Result<()> {
    ensure!(status.success(), "the generator failed");
    Ok(())
}

fn print(all: &[Measured]) {
    println!("{:<12} {:>10} {:>12}", "", "seconds", "peak MB");
    for one in all {
        let (seconds, rest) = (one.milliseconds / 1000, one.milliseconds % 1000);
        println!("{:<12} {:>6}.{rest:03} {:>12}", one.name, seconds, one.bytes / 1_000_000);
    }
}

/// How the engine compares with the fastest peer.
fn compare(all: &[Measured]) {
    if let Some((own, peers)) = all.split_first()
        && let Some(fastest) = peers.iter().min_by_key(|peer| peer.milliseconds)
    {
        let percent = |part: u64, whole: u64| part.saturating_mul(100).checked_div(whole).unwrap_or(0);
        println!(
            "{} % of the time and {} % of the memory of {}; the target is 50 % and 33 % at the larger size",
            percent(own.milliseconds, fastest.milliseconds),
            percent(own.bytes, fastest.bytes),
            fastest.name
        );
    }
}
