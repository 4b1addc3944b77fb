//! Clients as callers have them: generated from the document that a stack serves, by the generators that teams use, and
//! used against that stack. What a generator cannot read, nobody can call.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::paths::{StackDir, root};
use crate::stack::Stack;
use crate::tools::{PythonTools, run as run_command};

/// Generates a client in Python and one in TypeScript, and records, lists, adds a provider and is refused with each.
pub fn run(stack: &StackDir) -> anyhow::Result<()> {
    let tools = PythonTools::install_clients()?;
    let tests = root().join("tests/clients");
    let mut python = Command::new(tools.tool("python"));
    // Nothing of the run stays among the sources.
    python.arg("-B").arg(tests.join("python/client.py")).env("PAYWARDEN_STACK", stack.stack_json());
    run_command(&mut python)?;
    let folder = stack.path().join("typescript");
    copy(&tests.join("typescript"), &folder)?;
    let api_url = Stack::read(stack)?.api_url;
    let node = PythonTools::install_node()?;
    for arguments in [&["ci", "--silent", "--ignore-scripts", "--prefer-offline"][..], &["test", "--silent"]]
    {
        let mut npm = node.npm(&folder, arguments)?;
        npm.env("PAYWARDEN_STACK", stack.stack_json()).env("PAYWARDEN_API", &api_url);
        run_command(&mut npm)?;
    }
    Ok(())
}

/// The files of a folder, into another.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))
                .with_context(|| entry.path().display().to_string())?;
        }
    }
    Ok(())
}
