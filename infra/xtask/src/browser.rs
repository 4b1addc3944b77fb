//! What tests of the console need: a browser, its driver, and the rules of accessibility.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::progress::Step;
use crate::tools::{PythonTools, install_program, run};

/// What the axe program is made of.
const AXE_FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// Debian's packages, of one version with each other.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// Finds Chromium and ChromeDriver, or installs them where that is possible.
pub fn install() -> anyhow::Result<()> {
    if is_there() {
        return Ok(());
    }
    let step = Step::begin("installing Chromium and ChromeDriver");
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(["-qq", "-y"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null());
        run(&mut apt).context("tests of the console need Chromium and ChromeDriver on the PATH; install them")
    };
    apt(&["update"])?;
    apt(&[&["install", "--no-install-recommends"], &PACKAGES[..]].concat())?;
    ensure!(is_there(), "chromium-driver was installed, and chromedriver is not on the PATH");
    step.done();
    Ok(())
}

fn is_there() -> bool {
    let found = |name: &str| {
        let said = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        said.is_ok_and(|status| status.success())
    };
    found("chromedriver") && found("chromium")
}

/// Finds axe, or installs it: the file that a page runs.
pub fn axe() -> anyhow::Result<PathBuf> {
    let folder = install_program(&PythonTools::install_node()?, "axe", &AXE_FILES)?;
    Ok(folder.join("node_modules/axe-core/axe.min.js"))
}
