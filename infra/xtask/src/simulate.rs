//! Worlds from seeds, held to the law.

use std::process::Command;

use anyhow::ensure;

use crate::paths::root;
use crate::tools::cargo;

/// Runs the simulation, built to be quick, and ends as it ends.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let built = cargo()
        .args(["build", "--quiet", "--profile", "simulation", "--package", "paywarden-simulation"])
        .status()?;
    ensure!(built.success(), "the simulation could not be built");
    let program = root().join("target/simulation/paywarden-simulation");
    let status = Command::new(program).args(arguments).status()?;
    if !status.success() {
        std::process::exit(status.code().unwrap_or(1));
    }
    Ok(())
}
