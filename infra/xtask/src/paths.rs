//! Where things are.

use std::path::{Path, PathBuf};

/// The project's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The names of all functions: the folders in `functions/` that hold a crate.
pub fn function_names() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("functions"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The folder that holds the state of one local stack.
#[derive(Clone)]
pub struct StackDir {
    path: PathBuf,
    private: bool,
}

impl StackDir {
    /// The usual one, or a private one whose stack takes free ports only.
    pub fn new(private: Option<PathBuf>) -> Self {
        match private {
            Some(path) => Self { path: std::path::absolute(&path).unwrap_or(path), private: true },
            None => Self { path: root().join("target/local"), private: false },
        }
    }

    /// Whether it is a private one.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What scripts and tests read: addresses, merchants, credentials.
    pub fn stack_json(&self) -> PathBuf {
        self.path.join("stack.json")
    }

    /// The process that runs the stack, and its emulator's address.
    pub fn running_json(&self) -> PathBuf {
        self.path.join("running.json")
    }

    /// Where the gateway answers; it moves when the API changes, so the front door reads it anew.
    pub fn gateway_file(&self) -> PathBuf {
        self.path.join("gateway")
    }

    /// The fingerprint of what is deployed.
    pub fn deployed_file(&self) -> PathBuf {
        self.path.join("deployed")
    }

    /// The functions' environment, for `cargo lambda watch`.
    pub fn environment_file(&self) -> PathBuf {
        self.path.join("lambda.env")
    }

    /// What the sample receiver got, a JSON line each.
    pub fn receiver_log(&self) -> PathBuf {
        self.path.join("webhooks.jsonl")
    }

    /// What the emulator unpacks and its functions put down for a while: gigabytes, gone with it.
    pub fn scratch(&self) -> PathBuf {
        self.path.join("scratch")
    }

    /// What the emulator wrote.
    pub fn emulator_log(&self) -> PathBuf {
        self.path.join("emulator.log")
    }

    /// Whom the identity provider knows.
    pub fn people_file(&self) -> PathBuf {
        self.path.join("people.json")
    }

    /// What the identity provider wrote.
    pub fn identity_provider_log(&self) -> PathBuf {
        self.path.join("identity-provider.log")
    }

    /// What a detached stack wrote.
    pub fn up_log(&self) -> PathBuf {
        self.path.join("up.log")
    }
}
