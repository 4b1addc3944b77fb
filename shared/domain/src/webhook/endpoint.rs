//! Endpoints: where a merchant wants to be told, and of what.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::id::{EndpointId, MerchantId};
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words;

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
    }
}

words! {
    /// Whether an endpoint is told.
    pub enum EndpointStatus {
        /// It is.
        Enabled = "ENABLED",
        /// It asked to be left alone (410), or somebody switched it off.
        Disabled = "DISABLED",
    }
}

impl EventType {
    /// What an endpoint hears of unless it says otherwise.
    pub const DEFAULT: &'static [Self] = &[Self::TransactionCreated, Self::TransactionUpdated];
}

/// A webhook endpoint. Its secret is kept apart, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: EndpointId,
    pub merchant_id: MerchantId,
    pub url: String,
    /// What it wants to hear of.
    pub events: Vec<EventType>,
    /// What it is for, in the merchant's words.
    pub description: Option<String>,
    /// Whether it is told.
    pub status: EndpointStatus,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Endpoint {
    /// Endpoints a merchant may have.
    pub const LIMIT: usize = 20;

    /// The endpoint as the API shows it, never with its secret.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        json!({
            "id": self.id,
            "url": self.url,
            "events": self.events,
            "description": self.description,
            "status": self.status,
            "created_at": zone.clock_text(self.created_at),
        })
    }

    /// Whether it is to be told of `event`.
    #[must_use]
    pub fn wants(&self, event: EventType) -> bool {
        self.status == EndpointStatus::Enabled && self.events.contains(&event)
    }
}
