//! What has to hold before a test is worth running.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde_norway::Value;

use crate::paths::{function_names, root};
use crate::tools::{PythonTools, cargo, cargo_deny, run as run_command};
use crate::{deploy, openapi};

/// Runs every check; the first that fails ends it.
pub fn run_all() -> anyhow::Result<()> {
    step("formatting");
    run_cargo(&["fmt", "--all", "--", "--check"])?;
    step("generated files");
    openapi::run(true)?;
    step("functions, template and sample events carry the same names");
    names()?;
    step("lints");
    run_cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--profile",
        "quick",
        "--",
        "-D",
        "warnings",
    ])?;
    step("licences, bans and sources of dependencies");
    deny(&["licenses", "bans", "sources"])?;
    step("the template");
    deploy::validate(&PythonTools::install()?)
}

/// `cargo xtask check`.
pub fn run() -> anyhow::Result<()> {
    run_all()?;
    println!("all checks hold");
    Ok(())
}

/// Known vulnerabilities. The list of them is fetched, so this stands apart.
pub fn advisories() -> anyhow::Result<()> {
    deny(&["advisories"])
}

fn step(name: &str) {
    eprintln!("… checking {name}");
}

fn run_cargo(arguments: &[&str]) -> anyhow::Result<()> {
    run_command(cargo().args(arguments))
}

fn deny(which: &[&str]) -> anyhow::Result<()> {
    run_command(
        Command::new(cargo_deny()?).current_dir(root()).args(["--log-level", "error", "check"]).args(which),
    )
}

/// A function's crate, its resource in the template and its folder of sample events have one name.
fn names() -> anyhow::Result<()> {
    let crates: BTreeSet<String> = function_names()?.into_iter().collect();
    let template: Value =
        serde_norway::from_str(&std::fs::read_to_string(root().join("infra/template.yaml"))?)?;
    let resources =
        template.get("Resources").and_then(Value::as_mapping).context("the template has resources")?;
    let mut deployed = BTreeSet::new();
    for (id, resource) in resources {
        if resource.get("Type").and_then(Value::as_str) == Some("AWS::Serverless::Function") {
            let uri = resource.get("Properties").and_then(|properties| properties.get("CodeUri"));
            let uri = uri.and_then(Value::as_str).context("a function has a CodeUri")?;
            let name = uri.trim_start_matches("../target/lambda/").trim_end_matches('/').to_owned();
            let expected = format!("{}Function", pascal(&name));
            ensure!(id.as_str() == Some(&expected), "the resource of {name} is to be called {expected}");
            deployed.insert(name);
        }
    }
    ensure!(crates == deployed, "crates and template differ: {:?}", crates.symmetric_difference(&deployed));
    for name in &crates {
        let samples = std::fs::read_dir(root().join("events").join(name)).map(Iterator::count).unwrap_or(0);
        if samples == 0 {
            bail!("events/{name} holds no sample");
        }
    }
    ensure!(resources.len() < 450, "a stack holds 500 resources at most, and SAM adds some of its own");
    Ok(())
}

fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    name.split('-').map(capital).collect()
}
