//! The emulator: MiniStack, with an environment of its own, because functions inherit all of it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use paywarden_api_client::{Method, Plain, Request};

use crate::paths::{StackDir, root};
use crate::tools::PythonTools;

/// The region everything local pretends to be in.
pub const REGION: &str = "us-east-1";

/// A running emulator. It is stopped, with the functions it started, when this is dropped.
pub struct Emulator {
    child: Child,
    /// Where its services answer.
    pub endpoint: String,
    scratch: PathBuf,
}

impl Emulator {
    /// Starts it on a free loopback port and waits until it answers.
    pub async fn start(tools: &PythonTools, stack: &StackDir) -> anyhow::Result<Self> {
        let port = free_port()?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let log = std::fs::File::create(stack.emulator_log())?;
        let scratch = stack.scratch();
        // One that was killed could not clear up behind itself.
        remove(&scratch);
        std::fs::create_dir_all(&scratch)?;
        let mut command = Command::new(tools.tool("python"));
        command
            .arg(root().join("infra/local/start_emulator.py"))
            .current_dir(stack.path())
            .env_clear()
            .envs(environment(&endpoint, port, stack))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().context("the emulator could not be started")?;
        let mut emulator = Self { child, endpoint, scratch };
        emulator.wait_until_ready(stack).await?;
        Ok(emulator)
    }

    async fn wait_until_ready(&mut self, stack: &StackDir) -> anyhow::Result<()> {
        for _ in 0..300 {
            if self.child.try_wait()?.is_some() {
                break;
            }
            let address = self.endpoint.trim_start_matches("http://");
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the emulator did not start; see {}", stack.emulator_log().display())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The group: functions run as the emulator's children and would outlive it.
        let group = i32::try_from(self.child.id()).map(Pid::from_raw);
        if let Ok(group) = group {
            let _ = killpg(group, Signal::SIGTERM);
            std::thread::sleep(Duration::from_millis(300));
            let _ = killpg(group, Signal::SIGKILL);
        }
        drop(self.child.wait());
        remove(&self.scratch);
    }
}

/// Removes a folder, if it is there. What cannot be removed does no harm.
fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
}

/// A port that was free a moment ago.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Execution roles are enforced (`AUTH`), so that a missing permission fails here and not in production.
fn environment(endpoint: &str, port: u16, stack: &StackDir) -> Vec<(&'static str, String)> {
    let mut environment = vec![
        ("GATEWAY_PORT", port.to_string()),
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("AUTH", "true".to_owned()),
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("STATE_DIR", stack.path().join("emulator").display().to_string()),
        ("TMPDIR", stack.scratch().display().to_string()),
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", stack.path().display().to_string()),
    ];
    environment.extend(credentials());
    environment
}

/// A request to one of its services by hand. The emulator looks at who signs, not at the signature.
pub fn request(method: Method, address: &str, service: &str) -> Request {
    let scope = format!("20260101/{REGION}/{service}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=0");
    Request::new(Arc::new(Plain::default()), method, address).header("authorization", authorization)
}

/// Credentials that mean nothing outside the emulator.
pub fn credentials() -> [(&'static str, String); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
    ]
}
