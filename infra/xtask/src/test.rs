//! Everything: checks, tests in process, tests end to end on a private stack.

use std::process::Command;

use anyhow::Context;

use crate::browser;
use crate::check;
use crate::clients;
use crate::operator;
use crate::paths::{StackDir, root};
use crate::receivers;
use crate::stack::Stack;
use crate::tools::{PythonTools, cargo, run as run_command};
use crate::up;

/// What the fuzzer holds every answer to.
const FUZZ_CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";

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

/// Takes the pictures of the README, by the very browser that the tests look with.
pub fn screenshots() -> anyhow::Result<()> {
    browser::install()?;
    let file = StackDir::new(None).stack_json().display().to_string();
    let pictures = ["--test", "end_to_end", "console::screenshots", "--", "--ignored"];
    cargo_test(
        &[&["--workspace", "--features", "paywarden-tests/stack"], &pictures[..]].concat(),
        Some(&file),
    )
}

async fn end_to_end(stack: &StackDir) -> anyhow::Result<()> {
    browser::install()?;
    up::detached(stack).await.context("the private stack")?;
    eprintln!("… tests end to end");
    let file = stack.stack_json().display().to_string();
    // Of the whole workspace, so that features are what they were a moment ago and no dependency is compiled again.
    cargo_test(&["--workspace", "--features", "paywarden-tests/stack", "--test", "end_to_end"], Some(&file))?;
    eprintln!("… clients generated from the API document");
    clients::run(stack)?;
    eprintln!("… fuzzing the API by its document");
    let described = Stack::read(stack)?;
    fuzz(&described, stack).await?;
    eprintln!("… comparing the running totals with the transactions");
    for merchant in &described.merchants {
        operator::compare_totals(&described, &merchant.id).await?;
    }
    Ok(())
}

/// Schemathesis sends what the document allows, and what it does not. No answer may be a 5xx, or one that the document
/// does not describe. The seed is fixed, so that a failure comes again.
async fn fuzz(described: &Stack, stack: &StackDir) -> anyhow::Result<()> {
    let token = described.sample_token().await?;
    let tools = PythonTools::install_fuzzer()?;
    let mut fuzzer = Command::new(tools.tool("schemathesis"));
    fuzzer
        .current_dir(stack.path())
        .args(["run", "--no-color", "--continue-on-failure", "--seed", "1", "--max-examples", "40"])
        .args(["--phases", "examples,coverage,fuzzing", "--warnings", "off", "--checks", FUZZ_CHECKS])
        .args(["--origin", described.api_url.trim_end_matches("/v1")])
        .arg("--header")
        .arg(format!("Authorization: Bearer {token}"))
        .arg(format!("{}/openapi.json", described.api_url));
    run_command(&mut fuzzer)
}

fn cargo_test(arguments: &[&str], stack: Option<&str>) -> anyhow::Result<()> {
    let mut cargo = cargo();
    cargo.args(["test", "--profile", "quick"]).args(arguments);
    if let Some(file) = stack {
        cargo.env("PAYWARDEN_STACK", file).env("PAYWARDEN_AXE", browser::axe()?).envs(receivers::install()?);
    }
    run_command(&mut cargo)
}
