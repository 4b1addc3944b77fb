//! One compilation of each dependency, for whatever command.
//!
//! Cargo compiles a dependency once for each set of features that it is asked for. Commands choose programs by `--bin` or
//! take the whole workspace, so features are those of the whole workspace; only dependencies of tests could still add some,
//! and then every crate that stands on the widened one would be compiled a second time for the tests.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};

use crate::paths::root;
use crate::tools::cargo;

/// Feature sets by package and version. A package that also runs at build time may have two.
type Features = BTreeMap<String, BTreeSet<String>>;

/// Fails if tests ask for other features than programs do, or if a crate names versions of its own.
pub fn check() -> anyhow::Result<()> {
    let programs = parse(&tree("normal,build")?);
    let tests = parse(&tree("normal,build,dev")?);
    let differing = differing(&programs, &tests);
    if !differing.is_empty() {
        bail!(
            "tests would compile these dependencies a second time, with other features:\n{}\n\
             Give the features to the dependency in the workspace's Cargo.toml, or list the dependency for tests that \
             asks for them among the normal ones of shared/testing.",
            differing.join("\n")
        );
    }
    own_versions()
}

fn tree(edges: &str) -> anyhow::Result<String> {
    let mut cargo = cargo();
    cargo.args([
        "tree",
        "--workspace",
        "--locked",
        "--prefix",
        "none",
        "--format",
        "{p} {f}",
        "--edges",
        edges,
    ]);
    let output = cargo.output()?;
    ensure!(output.status.success(), "cargo tree failed:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads lines such as `getrandom v0.4.3 std,sys_rng (*)`; between version and features, a package of the workspace has
/// its folder, and a macro says that it is one.
fn parse(tree: &str) -> Features {
    let mut features = Features::new();
    for line in tree.lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty() && !word.starts_with('('));
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            let set = words.next().unwrap_or_default().to_owned();
            features.entry(format!("{name} {version}")).or_default().insert(set);
        }
    }
    features
}

/// What both have, but not alike.
fn differing(programs: &Features, tests: &Features) -> Vec<String> {
    let show = |sets: &BTreeSet<String>| sets.iter().cloned().collect::<Vec<_>>().join(" and ");
    programs
        .iter()
        .filter_map(|(package, own)| Some((package, own, tests.get(package)?)))
        .filter(|(_, own, tested)| own != tested)
        .map(|(package, own, tested)| format!("  {package}: {} but for tests {}", show(own), show(tested)))
        .collect()
}

/// Versions stand in the workspace's table only: two requirements of one dependency could resolve to two versions.
fn own_versions() -> anyhow::Result<()> {
    let workspace = manifest("Cargo.toml")?;
    let patterns = workspace.get("workspace").and_then(|table| table.get("members")?.as_array());
    for pattern in patterns.into_iter().flatten().filter_map(toml::Value::as_str) {
        for path in members(pattern)? {
            let manifest = manifest(&path)?;
            for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let table = manifest.get(kind).and_then(toml::Value::as_table);
                for (name, dependency) in table.into_iter().flatten() {
                    let shared = dependency.get("workspace").and_then(toml::Value::as_bool);
                    ensure!(shared == Some(true), "{path}: {name} is to come from the workspace's table");
                }
            }
        }
    }
    Ok(())
}

/// The manifests that a member pattern stands for.
fn members(pattern: &str) -> anyhow::Result<Vec<String>> {
    let Some(folder) = pattern.strip_suffix("/*") else {
        return Ok(vec![format!("{pattern}/Cargo.toml")]);
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(folder))? {
        let path = format!("{folder}/{}/Cargo.toml", entry?.file_name().to_string_lossy());
        if root().join(&path).is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

fn manifest(path: &str) -> anyhow::Result<toml::Table> {
    toml::from_str(&std::fs::read_to_string(root().join(path))?).with_context(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAMS: &str = "xtask v0.1.0 (/project/infra/xtask) \ngetrandom v0.4.3 \nserde v1.0.2 derive,std\n\
        syn v2.0.1 full\nasync-trait v0.1.9 (proc-macro) \n\nserde v1.0.2 derive,std (*)\n";

    #[test]
    fn what_only_tests_need_is_no_difference() {
        let tests = format!("{PROGRAMS}proptest v1.12.0 std\nserde_json v1.0.9 default (*)\n");
        assert_eq!(differing(&parse(PROGRAMS), &parse(&tests)), Vec::<String>::new());
    }

    #[test]
    fn a_feature_that_only_tests_ask_for_is_named() {
        let tests = PROGRAMS.replace("getrandom v0.4.3 ", "getrandom v0.4.3 std,sys_rng");
        assert_eq!(
            differing(&parse(PROGRAMS), &parse(&tests)),
            ["  getrandom v0.4.3:  but for tests std,sys_rng"]
        );
    }

    #[test]
    fn a_second_set_is_a_second_compilation() {
        let tests = format!("{PROGRAMS}syn v2.0.1 default,full\n");
        let found = differing(&parse(PROGRAMS), &parse(&tests));
        assert_eq!(found, ["  syn v2.0.1: full but for tests default,full and full"]);
    }
}
