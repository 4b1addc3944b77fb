//! What a deployment depends on, in one value: as long as it is the same, deploying again would change nothing.

use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::build;
use crate::paths::{function_names, root};

/// Of the template, its parameters, and every function's program as it was last built.
pub fn current(parameters: &[String]) -> anyhow::Result<String> {
    let files = ["infra/template.yaml", "samconfig.toml"].map(|path| root().join(path));
    let programs: Vec<PathBuf> = function_names()?.iter().map(|name| build::binary(name)).collect();
    of(parameters, &files, &programs)
}

/// Files count with what is in them, programs by name, size and time: cargo leaves a program alone that it need not build,
/// and reading four hundred megabytes takes longer than asking for two numbers of each.
fn of(parameters: &[String], files: &[PathBuf], programs: &[PathBuf]) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    // Each part with its length, so that no two lists of parts read the same.
    let mut add = |part: &[u8]| {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    };
    for parameter in parameters {
        add(parameter.as_bytes());
    }
    for file in files {
        add(&std::fs::read(file).with_context(|| file.display().to_string())?);
    }
    for program in programs {
        let about = std::fs::metadata(program).with_context(|| program.display().to_string())?;
        let built = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        add(format!("{} {} {}", program.display(), about.len(), built.as_nanos()).as_bytes());
    }
    Ok(data_encoding::HEXLOWER.encode(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("paywarden-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn file(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            std::fs::write(&path, text).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn whatever_is_deployed_counts() {
        let folder = Folder::new("fingerprint");
        let template = [folder.file("template.yaml", "Resources: {}")];
        let programs = [folder.file("a", "program"), folder.file("b", "program")];
        let parameters = ["Stage=local".to_owned()];
        let first = of(&parameters, &template, &programs).unwrap();
        assert_eq!(of(&parameters, &template, &programs).unwrap(), first, "nothing has changed");

        assert_ne!(of(&["Stage=loca".to_owned(), "l".to_owned()], &template, &programs).unwrap(), first);
        assert_ne!(of(&parameters, &template, &programs[..1]).unwrap(), first, "a function is gone");
        folder.file("template.yaml", "Resources: {A}");
        assert_ne!(of(&parameters, &template, &programs).unwrap(), first, "the template");
        folder.file("template.yaml", "Resources: {}");
        assert_eq!(of(&parameters, &template, &programs).unwrap(), first, "and back");

        let program = std::fs::File::options().write(true).open(&programs[1]).unwrap();
        let later = program.metadata().unwrap().modified().unwrap() + Duration::from_millis(1);
        program.set_modified(later).unwrap();
        assert_ne!(of(&parameters, &template, &programs).unwrap(), first, "built anew");
    }

    #[test]
    fn a_program_that_was_not_built_is_an_error() {
        let folder = Folder::new("fingerprint-missing");
        assert!(of(&[], &[], &[folder.0.join("nothing")]).is_err());
    }
}
