//! Deliveries: one frozen message to one endpoint, and the attempts to hand it over.

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, EndpointId, MerchantId, TransactionId};
use crate::time::Timestamp;
use crate::vocabulary::words;
use crate::webhook::endpoint::EventType;

words! {
    /// Where a delivery stands.
    pub enum DeliveryStatus {
        /// To be tried, or tried again.
        Pending = "PENDING",
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

/// A message to an endpoint, its body frozen when it was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Derived from endpoint, transaction and version: the `webhook-id` of every attempt.
    pub id: DeliveryId,
    pub endpoint_id: EndpointId,
    pub merchant_id: MerchantId,
    /// What it is about, if a transaction.
    pub transaction_id: Option<TransactionId>,
    pub event: EventType,
    /// The exact bytes to send.
    pub body: String,
    pub status: DeliveryStatus,
    pub attempts: u32,
    /// When it is due, while it is pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// The id that follows the payment here.
    pub correlation_id: Option<String>,
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
    /// The first bytes of the answer, as text.
    pub response_excerpt: String,
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
    pub delivery_id: DeliveryId,
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
}
