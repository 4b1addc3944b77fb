//! A receiver for webhooks: it shows what arrives, writes it down, and can fail on purpose.

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const MAX_BODY_BYTES: usize = 1024 * 1024;

#[derive(Clone)]
struct Receiver {
    log: PathBuf,
    failures: Arc<Mutex<HashMap<String, u32>>>,
}

/// Opens the receiver on a free port and answers its address. What it gets is appended to `log`.
pub async fn open(log: PathBuf) -> anyhow::Result<SocketAddr> {
    std::fs::write(&log, "")?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(receive).with_state(Receiver { log, failures: Arc::default() });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn receive(State(receiver): State<Receiver>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let path = parts.uri.path().to_owned();
    let headers: HashMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let line = json!({
        "at": humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string(),
        "path": path,
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    if append(&receiver.log, &line).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let status = receiver.status(&path, headers.get("webhook-id").map_or("", String::as_str), &body);
    show(&path, &body, status);
    status
}

impl Receiver {
    /// 200, but for `/flaky/<n>/<word>`, which answers 500 to the first n attempts at each delivery that mentions the word.
    fn status(&self, path: &str, delivery: &str, body: &[u8]) -> StatusCode {
        let mut parts = path.trim_start_matches('/').split('/');
        let (Some("flaky"), Some(Ok(failures)), Some(word)) =
            (parts.next(), parts.next().map(str::parse::<u32>), parts.next())
        else {
            return StatusCode::OK;
        };
        if !String::from_utf8_lossy(body).contains(word) {
            return StatusCode::OK;
        }
        let mut counts = self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = counts.entry(format!("{path} {delivery}")).or_default();
        *count = count.saturating_add(1);
        if *count <= failures { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    }
}

fn append(log: &PathBuf, line: &Value) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(log)?;
    file.write_all(format!("{line}\n").as_bytes())
}

fn show(path: &str, body: &Bytes, status: StatusCode) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    for transaction in body["transactions"].as_array().into_iter().flatten() {
        println!(
            "webhook {path} ({}): {} {} {} {} version {}",
            status.as_u16(),
            transaction["transaction_reference"].as_str().unwrap_or_default(),
            transaction["status"].as_str().unwrap_or_default(),
            transaction["amount"],
            transaction["currency"].as_str().unwrap_or_default(),
            transaction["version"],
        );
    }
}
