//! Receivers of webhooks as README shows them: that it shows what is tried, and what they need to be tried.

use std::path::PathBuf;

use anyhow::ensure;

use crate::paths::root;
use crate::tools::{PythonTools, install_program};

/// What the program in JavaScript needs.
const NODE_FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// The files that README shows, and how it calls their language.
const SHOWN: [(&str, &str); 3] = [("receiver.rs", "rust"), ("receiver.mjs", "js"), ("receiver.py", "python")];

/// Fails when README shows something else than what is tried.
pub fn check() -> anyhow::Result<()> {
    let readme = std::fs::read_to_string(root().join("README.md"))?;
    for (file, language) in SHOWN {
        let source = std::fs::read_to_string(root().join("tests/receivers").join(file))?;
        let is_shown = readme.contains(&format!("```{language}\n{source}```\n"));
        ensure!(is_shown, "README.md does not show tests/receivers/{file} as it is");
    }
    Ok(())
}

/// Finds or installs what runs them; answers what their tests are told, by the names of the variables.
pub fn install() -> anyhow::Result<[(&'static str, PathBuf); 3]> {
    let python = PythonTools::install_receiver()?;
    let node = PythonTools::install_node()?;
    let folder = install_program(&node, "receiver", &NODE_FILES)?;
    // A program finds its packages beside itself.
    let script = folder.join("receiver.mjs");
    std::fs::copy(root().join("tests/receivers/receiver.mjs"), &script)?;
    Ok([
        ("PAYWARDEN_RECEIVER_PYTHON", python.tool("python")),
        ("PAYWARDEN_RECEIVER_NODE", node.tool("node")),
        ("PAYWARDEN_RECEIVER_SCRIPT", script),
    ])
}
