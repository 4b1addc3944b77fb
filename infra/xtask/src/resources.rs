//! How large the stack is. A stack holds 500 resources at most, and SAM makes roles, mappings and permissions of its
//! own, so what it makes of the template is counted, not what is written.

use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::paths::root;
use crate::tools::PythonTools;

/// Beyond this many the stack is to be split while there is still room to do so.
const MOST: usize = 450;

/// Checks the number, with the translator that the SAM CLI deploys with.
pub fn check(tools: &PythonTools) -> anyhow::Result<()> {
    let mut python = Command::new(tools.tool("python"));
    python.current_dir(root()).args(["infra/local/count_resources.py", "infra/template.yaml"]);
    let output = python.output().context("Python could not be started")?;
    if !output.status.success() {
        bail!("the template cannot be expanded:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let count: usize = String::from_utf8_lossy(&output.stdout).trim().parse().context("expected a number")?;
    ensure!(
        count <= MOST,
        "the template makes {count} resources; a stack holds 500, and {MOST} is the limit here"
    );
    Ok(())
}
