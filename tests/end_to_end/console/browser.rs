//! A browser of its own for each test, gone with it.

use std::panic::AssertUnwindSafe;
use std::process::Stdio;
use std::time::Duration;

use futures::FutureExt;
use serde_json::json;
use thirtyfour::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use super::visitor::Visitor;

/// Browsers at the same time: each takes a core while a page is drawn.
static PLACES: Semaphore = Semaphore::const_new(2);

/// Without these, Chromium asks hosts of its maker for things that no test needs.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How somebody looks at the console.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// In CSS pixels.
    pub width: u32,
    pub dark: bool,
    /// Whether pages may run scripts.
    pub script: bool,
}

impl Look {
    pub const WIDE: Self = Self { width: 1280, dark: false, script: true };
    pub const NARROW: Self = Self { width: 390, ..Self::WIDE };
    pub const DARK: Self = Self { dark: true, ..Self::WIDE };
    pub const WITHOUT_SCRIPT: Self = Self { script: false, ..Self::WIDE };
}

/// Opens a browser, does what the test does in it, and closes it, whatever came of that.
pub async fn browse<F: Future<Output = ()>>(look: Look, test: impl FnOnce(Visitor) -> F) {
    let _place = PLACES.acquire().await.expect("the places stay open");
    let (mut driver, address) = start_driver().await;
    let browser = open(look, &address).await;
    let visitor = Visitor::new(browser.clone());
    let outcome = AssertUnwindSafe(test(visitor)).catch_unwind().await;
    drop(browser.quit().await);
    drop(driver.kill().await);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Starts ChromeDriver on a free port. It looks for one and takes it in two steps, so another may be first.
async fn start_driver() -> (Child, String) {
    for _ in 0..5 {
        if let Some(started) = try_to_start_driver().await {
            return started;
        }
    }
    panic!("chromedriver does not start");
}

async fn try_to_start_driver() -> Option<(Child, String)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver is installed: cargo xtask test does it, or apt-get install chromium chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().expect("its output is piped")).lines();
    while let Some(line) = lines.next_line().await.expect("its output can be read") {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return Some((driver, format!("http://127.0.0.1:{}", port.trim_end_matches('.'))));
        }
    }
    None
}

async fn open(look: Look, address: &str) -> WebDriver {
    // The driver's client could speak TLS, and asks who would do that before it speaks plainly. The first test answers.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        capabilities.add_arg(argument).expect("an argument");
    }
    capabilities.add_arg(&format!("--window-size={},1000", look.width)).expect("an argument");
    if !look.script {
        let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", preferences).expect("a preference");
    }
    let driver = WebDriver::new(address, capabilities).await.expect("a browser opens");
    let tools = driver.cdp();
    let scheme = if look.dark { "dark" } else { "light" };
    let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    tools.send_raw("Emulation.setEmulatedMedia", media).await.expect("a theme");
    // A window without a frame is never narrower than 500 pixels; what a page believes can be.
    let size = json!({"width": look.width, "height": 1000, "deviceScaleFactor": 1, "mobile": false});
    tools.send_raw("Emulation.setDeviceMetricsOverride", size).await.expect("a size");
    driver.set_implicit_wait_timeout(Duration::ZERO).await.expect("a timeout");
    driver
}
