//! Endpoints: where a merchant wants to be told, of what, and how.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::{EndpointId, MerchantId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;
use crate::webhook::retry::RetrySchedule;

words! {
    /// What a webhook can tell.
    pub enum EventType {
        /// A transaction was recorded.
        TransactionCreated = "transaction.created",
        /// A transaction changed.
        TransactionUpdated = "transaction.updated",
        /// A provider's status changed.
        ProviderStatusChanged = "provider.status_changed",
        /// A reconciliation run ended.
        ReconciliationCompleted = "reconciliation.completed",
        /// An endpoint of the merchant was switched off, because it failed for days or said that it is gone.
        EndpointDisabled = "webhook_endpoint.disabled",
        /// Somebody tries an endpoint out. It comes whether an endpoint subscribes to it or not.
        Test = "webhook.test",
    }
}

words! {
    /// Whether an endpoint is told.
    pub enum EndpointStatus {
        /// It is.
        Enabled = "ENABLED",
        /// Somebody made it wait: what is to be told is parked until it goes on.
        Paused = "PAUSED",
        /// It is told nothing: it said that it is gone (410), or failed for days.
        Disabled = "DISABLED",
    }
}

words! {
    /// Why an endpoint was switched off.
    pub enum DisabledReason {
        /// It answered 410.
        Gone = "gone",
        /// It failed for too long.
        Failing = "failing",
    }
}

words! {
    /// How deliveries are signed.
    pub enum SignatureScheme {
        /// HMAC-SHA256 with a secret that both sides know.
        V1 = "v1",
        /// Ed25519: the receiver needs only the public key.
        V1a = "v1a",
    }
}

impl EventType {
    /// What an endpoint hears of unless it says otherwise.
    pub const DEFAULT: &'static [Self] = &[Self::TransactionCreated, Self::TransactionUpdated];

    /// Whether an endpoint can subscribe to it.
    #[must_use]
    pub fn is_subscribable(self) -> bool {
        self != Self::Test
    }

    /// Whether its body is an array of transactions, so that several fit into one.
    #[must_use]
    pub fn is_of_transactions(self) -> bool {
        matches!(self, Self::TransactionCreated | Self::TransactionUpdated)
    }
}

/// When an endpoint was switched off, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    pub at: Timestamp,
    pub reason: DisabledReason,
}

/// How many transactions go into one post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batching {
    /// At most this many.
    pub max_records: u32,
    /// How long the first of them waits for others.
    pub max_seconds: u32,
}

impl Batching {
    /// Transactions that one post may hold; one atomic write freezes them all.
    pub const MAX_RECORDS: u32 = 50;
    /// Seconds for which one may wait; a queue holds no message longer.
    pub const MAX_SECONDS: u32 = 300;
}

/// What a merchant may say about how it is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Delivering {
    /// Waits between attempts, if not the stage's.
    #[serde(default)]
    pub retry: Option<RetrySchedule>,
    /// Attempts a second.
    #[serde(default)]
    pub rate_limit: Option<u32>,
    #[serde(default)]
    pub batching: Option<Batching>,
    /// Whether a version of a transaction waits until the one before has ended.
    #[serde(default)]
    pub ordered: bool,
}

impl Delivering {
    /// Attempts a second that an endpoint can ask to be kept to.
    pub const MAX_RATE: u32 = 1000;
}

/// A webhook endpoint. Its secret is kept apart, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: EndpointId,
    pub merchant_id: MerchantId,
    /// Counts its changes.
    #[serde(default = "first_version")]
    pub version: u64,
    pub url: String,
    /// What it wants to hear of.
    pub events: Vec<EventType>,
    /// What it is for, in the merchant's words.
    pub description: Option<String>,
    /// Whether it is told.
    pub status: EndpointStatus,
    /// Since when and why it is not, if nobody asked for it.
    #[serde(default)]
    pub disabled: Option<Disabled>,
    #[serde(default, flatten)]
    pub delivering: Delivering,
    #[serde(default = "first_scheme")]
    pub signature: SignatureScheme,
    /// The key that verifies its signatures, where that is not a secret.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Until when the secret before this one signs along.
    #[serde(default)]
    pub previous_secret_until: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When somebody last changed what it is told, and how.
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
}

/// Seconds by which the clocks of two processes may differ.
const CLOCKS_SECONDS: i64 = 60;

fn first_version() -> u64 {
    1
}

fn first_scheme() -> SignatureScheme {
    SignatureScheme::V1
}

impl Endpoint {
    /// Endpoints a merchant may have.
    pub const LIMIT: usize = 20;

    /// An endpoint that is told of these events, each by itself and at once, and signed to by a secret.
    #[must_use]
    pub fn new(
        id: EndpointId,
        merchant_id: MerchantId,
        url: String,
        events: Vec<EventType>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            merchant_id,
            version: 1,
            url,
            events,
            description: None,
            status: EndpointStatus::Enabled,
            disabled: None,
            delivering: Delivering::default(),
            signature: SignatureScheme::V1,
            public_key: None,
            previous_secret_until: None,
            created_at,
            changed_at: None,
        }
    }

    /// The endpoint as the API shows it, never with its secret.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let batching = self.delivering.batching;
        json!({
            "id": self.id,
            "version": self.version,
            "url": self.url,
            "events": self.events,
            "description": self.description,
            "status": self.status,
            "disabled_at": self.disabled.map(|disabled| zone.clock_text(disabled.at)),
            "disabled_reason": self.disabled.map(|disabled| disabled.reason),
            "retry_seconds": self.delivering.retry,
            "rate_limit": self.delivering.rate_limit,
            "batch": batching.map(|batch| json!({"max_records": batch.max_records, "max_seconds": batch.max_seconds})),
            "ordered": self.delivering.ordered,
            "signature": self.signature,
            "public_key": self.public_key,
            "previous_secret_until": self.previous_secret_until.map(|until| zone.clock_text(until)),
            "created_at": zone.clock_text(self.created_at),
        })
    }

    /// The endpoint told, or made to wait, from now on. It is not switched off any more.
    #[must_use]
    pub fn switched(self, status: EndpointStatus) -> Self {
        Self { status, disabled: None, ..self }
    }

    /// Whether it may have been told otherwise when something happened: it was changed since then, or switched off.
    #[must_use]
    pub fn has_changed_since(&self, at: Timestamp) -> bool {
        let changed_at = self.changed_at.max(self.disabled.map(|disabled| disabled.at));
        changed_at.is_some_and(|changed| at <= changed.plus_seconds(CLOCKS_SECONDS))
    }

    /// Whether something is planned for it when `event` happens. What it cannot be told now, it is told later.
    #[must_use]
    pub fn wants(&self, event: EventType) -> bool {
        self.status != EndpointStatus::Disabled && self.events.contains(&event)
    }
}
