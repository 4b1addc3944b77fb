//! An endpoint and what it is told, as these pages look into them.

use paywarden_api_client::ClientError;
use serde::Deserialize;

use crate::failure::Failure;
use crate::visit::{Visit, segment};

#[derive(Debug, Clone, Deserialize)]
pub struct Endpoint {
    pub id: String,
    pub version: u64,
    pub url: String,
    pub events: Vec<String>,
    pub description: Option<String>,
    pub status: String,
    pub disabled_at: Option<String>,
    pub disabled_reason: Option<String>,
    pub retry_seconds: Option<Vec<i64>>,
    pub rate_limit: Option<u64>,
    pub batch: Option<Batch>,
    pub ordered: bool,
    pub signature: String,
    pub public_key: Option<String>,
    pub previous_secret_until: Option<String>,
    pub created_at: String,
    pub health: Health,
}

/// How many transactions go out at once, and how long the first of them waits for others.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    pub max_records: u64,
    pub max_seconds: u64,
}

/// What came of the attempts.
#[derive(Debug, Clone, Deserialize)]
pub struct Health {
    pub last_success_at: Option<String>,
    pub last_failure_at: Option<String>,
    pub failing_since: Option<String>,
    pub consecutive_failures: u64,
    pub attempts_last_day: u64,
    pub success_share_last_day: Option<String>,
    pub breaker: String,
    pub next_probe_at: Option<String>,
    pub parked: u64,
}

/// Something that an endpoint was told, or is to be.
#[derive(Debug, Clone, Deserialize)]
pub struct Delivery {
    pub id: String,
    pub event: String,
    pub status: String,
    pub transaction_id: Option<String>,
    pub version: Option<u64>,
    pub attempts: u64,
    pub http_status: Option<u16>,
    pub error: Option<String>,
    pub created_at: String,
    pub next_attempt_at: Option<String>,
    pub last_attempt_at: Option<String>,
    pub batch_id: Option<String>,
    pub members: Vec<String>,
    pub replay_id: Option<String>,
}

impl Endpoint {
    pub fn is_enabled(&self) -> bool {
        self.status == "ENABLED"
    }
}

impl Delivery {
    /// Whether it is taken or given up: only then it can be sent again.
    pub fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "DELIVERED" | "FAILED")
    }
}

/// An endpoint's path in the API.
pub fn path(id: &str) -> String {
    format!("/webhook-endpoints/{}", segment(id))
}

/// An endpoint's page, or one below it.
pub fn link(visit: &Visit<'_>, id: &str, rest: &str) -> String {
    visit.link(&format!("/developers/webhooks/{}{rest}", segment(id)))
}

/// The page of something that an endpoint was told.
pub fn delivery_link(visit: &Visit<'_>, endpoint_id: &str, id: &str) -> String {
    link(visit, endpoint_id, &format!("/deliveries/{}", segment(id)))
}

/// Reads an endpoint.
///
/// # Errors
/// [`Failure`]; something that cannot be an id is no endpoint.
pub async fn read(visit: &Visit<'_>, id: &str) -> Result<Endpoint, Failure> {
    match visit.get(&path(id)).await {
        Err(ClientError::Refused(refusal)) if refusal.status == 400 => Err(Failure::NotFound),
        answer => Ok(answer?.member("webhook_endpoint")?),
    }
}
