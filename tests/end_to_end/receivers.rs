//! The receivers that README shows to merchants, each in its language and with the library of Standard Webhooks there: they take
//! what the stack sends them, and nothing else.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use paywarden_api_client::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::faults::Shop;
use crate::stack::{Stack, at, eventually, send, unique};

#[path = "../receivers/receiver.rs"]
#[allow(clippy::print_stdout, reason = "it shows a merchant what it does")]
mod receiver;

/// A receiver behind an endpoint of a merchant of its own.
struct Shown<'a> {
    shop: Shop<'a>,
    endpoint: Value,
    url: String,
    secret: String,
}

impl<'a> Shown<'a> {
    /// An endpoint at a free port, with nobody behind it yet.
    async fn announce(stack: &'a Stack) -> (Self, u16) {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        let shop = Shop::open(stack).await;
        let url = format!("http://127.0.0.1:{port}/hooks");
        let created = shop.api.post("/webhook-endpoints", &json!({"url": url})).await.expect(201);
        let endpoint = &created["webhook_endpoint"];
        let secret = endpoint["secret"].as_str().unwrap().to_owned();
        (Self { shop, endpoint: endpoint["id"].clone(), url, secret }, port)
    }

    /// A post that is signed as ours are, with this body.
    async fn post(&self, signed: &str, sent: &str, seconds_old: i64) -> u16 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let timestamp = i64::try_from(now).unwrap() - seconds_old;
        let signature =
            Webhook::new(&self.secret).unwrap().sign("whd_1", timestamp, signed.as_bytes()).unwrap();
        let request = at(Method::POST, &self.url)
            .header("webhook-id", "whd_1")
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signature)
            .body(sent.to_owned());
        send(request).await.status
    }

    /// What the stack sends is taken; what is altered or old is not.
    async fn is_tried(&self) {
        let body = r#"{"transactions": []}"#;
        eventually("the receiver to listen", async || self.listens().await.then_some(())).await;
        assert_eq!(self.post(body, body, 0).await, 204);
        assert_eq!(self.post(body, r#"{"transactions": [1]}"#, 0).await, 400, "another body");
        assert_eq!(self.post(body, body, 3600).await, 400, "an hour old");
        let reference = unique("SHOWN");
        let recorded = self.shop.api.record_qris(&reference).await;
        let logs = format!("/transactions/{}/logs", recorded["id"].as_str().unwrap());
        eventually("the webhook to be taken", async || {
            let logs = self.shop.api.get(&logs).await.expect(200)["logs"].as_array().unwrap().clone();
            logs.iter().any(|log| self.has_taken(&log["detail"])).then_some(())
        })
        .await;
    }

    /// Whether somebody is there.
    async fn listens(&self) -> bool {
        let (host, _) = self.url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        tokio::net::TcpStream::connect(host).await.is_ok()
    }

    fn has_taken(&self, attempt: &Value) -> bool {
        attempt["endpoint_id"] == self.endpoint && attempt["http_status"] == 204
    }
}

/// A receiver that is a program, ended with the test.
struct Running(Child);

impl Running {
    fn start(mut command: Command, shown: &Shown<'_>, port: u16) -> Self {
        command.arg(port.to_string()).env("WEBHOOK_SECRET", &shown.secret);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What `cargo xtask test` has installed, by the name of its variable.
fn installed(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set")).into()
}

fn shown(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("receivers").join(file)
}

#[tokio::test]
async fn the_one_in_python_takes_what_is_signed() {
    let stack = Stack::read();
    let (of, port) = Shown::announce(&stack).await;
    let mut python = Command::new(installed("PAYWARDEN_RECEIVER_PYTHON"));
    python.arg("-B").arg(shown("receiver.py"));
    let _running = Running::start(python, &of, port);
    of.is_tried().await;
}

#[tokio::test]
async fn the_one_in_javascript_takes_what_is_signed() {
    let stack = Stack::read();
    let (of, port) = Shown::announce(&stack).await;
    let mut node = Command::new(installed("PAYWARDEN_RECEIVER_NODE"));
    node.arg(installed("PAYWARDEN_RECEIVER_SCRIPT"));
    let _running = Running::start(node, &of, port);
    of.is_tried().await;
}

#[tokio::test]
async fn the_one_in_rust_takes_what_is_signed() {
    let stack = Stack::read();
    let (of, port) = Shown::announce(&stack).await;
    let webhook = Arc::new(Webhook::new(&of.secret).unwrap());
    let receive = axum::routing::post(receiver::receive);
    let router =
        axum::Router::new().fallback_service(receive.with_state((webhook, receiver::Versions::default())));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    of.is_tried().await;
}
