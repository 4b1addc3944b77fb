//! Building the functions for the local stack.
//!
//! Plain cargo with the quick profile: the artefacts are shared with the tests. `cargo lambda build`, which makes what
//! goes to AWS, cross-compiles into a target folder of its own and would compile everything a second time here. Both
//! leave their binaries where the template looks: `target/lambda/<function>/bootstrap`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::paths::{function_names, root};
use crate::progress::Step;
use crate::tools::{cargo, run};

/// Builds every function and lays it out for the template.
pub fn functions() -> anyhow::Result<()> {
    let names = function_names()?;
    eprintln!("… building {} functions (the first time compiles every dependency)", names.len());
    let started = std::time::Instant::now();
    // The operator comes along: sample data is made with it.
    run(&mut cargo_build(names.iter().map(String::as_str).chain(["operator"])))?;
    eprintln!("✓ built ({:.1?})", started.elapsed());
    let step = Step::begin("laying the functions out");
    for name in &names {
        lay_out(name).with_context(|| format!("laying out {name}"))?;
    }
    step.done();
    Ok(())
}

/// Builds the operator's program and answers where it is.
pub fn operator() -> anyhow::Result<PathBuf> {
    run(cargo_build(["operator"]).arg("--quiet"))?;
    Ok(binary("operator"))
}

/// Builds a program as it is deployed, but for the processor of this machine, and answers where it is.
pub fn as_deployed(name: &str) -> anyhow::Result<PathBuf> {
    run(cargo().args(["build", "--quiet", "--release", "--bin", name]))?;
    Ok(target().join("release").join(name))
}

/// Programs are chosen by `--bin`, not by `--package`: so cargo decides on the features of dependencies over the whole
/// workspace, whatever is built, and compiles each dependency once for all commands.
fn cargo_build<'a>(names: impl IntoIterator<Item = &'a str>) -> Command {
    let mut cargo = cargo();
    cargo.args(["build", "--profile", "quick"]);
    for name in names {
        cargo.args(["--bin", name]);
    }
    cargo
}

/// Where a program is once it is built.
pub fn binary(name: &str) -> PathBuf {
    target().join("quick").join(name)
}

/// A hard link where possible: the binaries are several megabytes each.
fn lay_out(name: &str) -> anyhow::Result<()> {
    let folder = root().join("target/lambda").join(name);
    std::fs::create_dir_all(&folder)?;
    let (from, to) = (binary(name), folder.join("bootstrap"));
    if to.exists() {
        std::fs::remove_file(&to)?;
    }
    if std::fs::hard_link(&from, &to).is_err() {
        std::fs::copy(&from, &to)?;
    }
    Ok(())
}

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(Path::new(&folder)),
        None => root().join("target"),
    }
}
