//! Everything: checks, tests in process, tests end to end on a private stack.

use anyhow::Context;

use crate::check;
use crate::paths::{StackDir, root};
use crate::tools::{cargo, run as run_command};
use crate::up;

/// Runs it all. The private stack is stopped whatever happens.
pub async fn run() -> anyhow::Result<()> {
    check::run_all()?;
    eprintln!("… tests in process");
    cargo_test(&["--workspace"], None)?;
    let folder = root().join("target").join(format!("test-stack-{}", std::process::id()));
    let stack = StackDir::new(Some(folder.clone()));
    let outcome = end_to_end(&stack).await;
    up::down(&stack).await?;
    if outcome.is_ok() {
        drop(std::fs::remove_dir_all(&folder));
    } else {
        eprintln!("what the stack wrote is in {}", folder.display());
    }
    outcome
}

async fn end_to_end(stack: &StackDir) -> anyhow::Result<()> {
    up::detached(stack).await.context("the private stack")?;
    eprintln!("… tests end to end");
    let file = stack.stack_json().display().to_string();
    cargo_test(&["--package", "paywarden-tests", "--features", "stack", "--test", "end_to_end"], Some(&file))
}

fn cargo_test(arguments: &[&str], stack: Option<&str>) -> anyhow::Result<()> {
    let mut cargo = cargo();
    cargo.args(["test", "--profile", "quick"]).args(arguments);
    if let Some(file) = stack {
        cargo.env("PAYWARDEN_STACK", file);
    }
    run_command(&mut cargo)
}
