use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use standardwebhooks::Webhook;

/// Versions by transaction: in a database, with what is known of each.
pub type Versions = Arc<Mutex<HashMap<String, u64>>>;

pub async fn receive(
    State((webhook, versions)): State<(Arc<Webhook>, Versions)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if webhook.verify(&body, &headers).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    for record in event["transactions"].as_array().into_iter().flatten() {
        let (id, version) = (record["id"].to_string(), record["version"].as_u64().unwrap_or(0));
        let mut versions = versions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let known = versions.entry(id).or_default();
        if version > *known {
            // Not late, not again.
            *known = version;
            println!("{} {} {}", record["transaction_reference"], record["status"], record["amount"]);
        }
    }
    StatusCode::NO_CONTENT
}
