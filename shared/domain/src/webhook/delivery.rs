//! Deliveries: one frozen message to one endpoint, and the attempts to hand it over.

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, EndpointId, MerchantId, ReplayId, TransactionId};
use crate::time::Timestamp;
use crate::vocabulary::words;
use crate::webhook::endpoint::EventType;

words! {
    /// Where a delivery stands.
    pub enum DeliveryStatus {
        /// To be tried, or tried again.
        Pending = "PENDING",
        /// Put aside until its endpoint is told again: it is paused, switched off, or fails all the time.
        Parked = "PARKED",
        /// It waits for others that are to go into the same post.
        Gathering = "GATHERING",
        /// It goes out within another delivery, which holds several.
        Gathered = "GATHERED",
        /// Answered with success.
        Delivered = "DELIVERED",
        /// Given up: the schedule ran out, or the endpoint is gone.
        Failed = "FAILED",
    }
}

words! {
    /// Why an attempt failed.
    pub enum AttemptError {
        /// The name does not resolve.
        DnsError = "dns_error",
        /// Nobody listens.
        ConnectionRefused = "connection_refused",
        /// No TLS connection could be made.
        TlsError = "tls_error",
        /// No answer in time.
        Timeout = "timeout",
        /// An answer that is not a success.
        HttpStatus = "http_status",
        /// The address is not one we may connect to.
        BlockedAddress = "blocked_address",
        /// The answer is longer than we read.
        ResponseTooLarge = "response_too_large",
        /// The connection broke.
        ConnectionError = "connection_error",
    }
}

/// Where a delivery stands: deliveries are kept with their endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryKey {
    pub endpoint_id: EndpointId,
    pub delivery_id: DeliveryId,
}

/// A message to an endpoint, its body frozen when it was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Derived from endpoint, subject and version: the `webhook-id` of every attempt.
    pub id: DeliveryId,
    pub endpoint_id: EndpointId,
    pub merchant_id: MerchantId,
    /// What it is about, if one transaction.
    pub transaction_id: Option<TransactionId>,
    /// The version of that which it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    pub event: EventType,
    /// The exact bytes to send.
    pub body: String,
    pub status: DeliveryStatus,
    pub attempts: u32,
    /// Attempts that were made before somebody replayed it: the schedule begins anew behind them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts_before: u32,
    /// When it is due, while it is pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// The id that follows the payment here.
    pub correlation_id: Option<String>,
    /// The status that the last attempt was answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Why the last attempt failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AttemptError>,
    /// The deliveries that go out within this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// The delivery within which this one goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<DeliveryId>,
    /// The replay that sent it again last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_id: Option<ReplayId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A delivery that goes out within another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub delivery_id: DeliveryId,
    pub transaction_id: TransactionId,
}

impl Delivery {
    /// A delivery to an endpoint that was not attempted yet.
    #[must_use]
    pub fn new(
        id: DeliveryId,
        (endpoint_id, merchant_id): (EndpointId, MerchantId),
        event: EventType,
        body: String,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            endpoint_id,
            merchant_id,
            transaction_id: None,
            version: None,
            event,
            body,
            status: DeliveryStatus::Pending,
            attempts: 0,
            attempts_before: 0,
            next_attempt_at: None,
            created_at,
            correlation_id: None,
            http_status: None,
            error: None,
            members: Vec::new(),
            batch_id: None,
            replay_id: None,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn key(&self) -> DeliveryKey {
        DeliveryKey { endpoint_id: self.endpoint_id.clone(), delivery_id: self.id.clone() }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// A 2xx answer.
    Delivered { http_status: u16 },
    /// Anything else.
    Failed {
        error: AttemptError,
        /// The answer's status, if there was an answer.
        http_status: Option<u16>,
        /// How long the receiver asks us to wait, in seconds.
        retry_after_seconds: Option<u32>,
    },
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which, from 1.
    pub number: u32,
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    pub outcome: AttemptOutcome,
    /// What it was signed with: the header `webhook-signature`. None where it was not sent.
    pub signature: Option<String>,
    /// The first bytes of the answer, as text.
    pub response_excerpt: String,
}

impl AttemptOutcome {
    /// The answer's status, if there was an answer.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Delivered { http_status } => Some(*http_status),
            Self::Failed { http_status, .. } => *http_status,
        }
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn error(&self) -> Option<AttemptError> {
        match self {
            Self::Delivered { .. } => None,
            Self::Failed { error, .. } => Some(*error),
        }
    }
}

impl Attempt {
    /// Bytes of an answer that are kept.
    pub const EXCERPT_BYTES: usize = 512;
    /// Bytes of an answer that are read.
    pub const RESPONSE_BYTES: usize = 16 * 1024;
}

/// What is queued for an attempt: which delivery, and which attempt at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    #[serde(flatten)]
    pub key: DeliveryKey,
    /// The attempt to make, from 1. One that is booked already is not made again.
    pub attempt: u32,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// It arrived.
    Delivered,
    /// It is tried again then.
    RetryAt(Timestamp),
    /// The schedule ran out.
    GiveUp,
    /// The receiver said 410: the endpoint is switched off.
    DisableEndpoint,
    /// It was a probe, and waits with the others that are parked: its schedule stands still.
    Park,
}
