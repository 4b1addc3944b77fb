//! Providers: who carries payments, and how a merchant has configured them.

use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, ProviderId};
use crate::time::Timestamp;
use crate::transaction::ProviderBinding;
use crate::vocabulary::{Service, words};

words! {
    /// A kind of provider; each has its adapter.
    pub enum ProviderType {
        /// Xendit.
        Xendit = "xendit",
        /// Midtrans.
        Midtrans = "midtrans",
        /// A South African debit-order bureau (DebiCheck, EFT).
        DebitOrder = "debit-order",
        /// Anything that speaks our own schema.
        Generic = "generic",
    }
}

words! {
    /// How the merchant is connected to it.
    pub enum Connection {
        /// Through an aggregator.
        Aggregator = "AGGREGATOR",
        /// Directly to the bank or bureau.
        Direct = "DIRECT",
    }
}

words! {
    /// Whether a provider takes part.
    pub enum ProviderStatus {
        /// Live and eligible for routing.
        Active = "ACTIVE",
        /// Taken out of routing for a while.
        Maintenance = "MAINTENANCE",
        /// Not usable until somebody reactivates it.
        Inactive = "INACTIVE",
    }
}

/// A provider as a merchant has configured it. Credentials are kept apart, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// The owner.
    pub merchant_id: MerchantId,
    /// Which adapter speaks with it.
    #[serde(rename = "type")]
    pub provider_type: ProviderType,
    /// Aggregator or direct.
    pub connection: Connection,
    /// The label people know it by.
    pub name: String,
    /// What it is used for.
    pub services: Vec<Service>,
    /// Whether it takes part.
    pub status: ProviderStatus,
    /// When it was added.
    pub created_at: Timestamp,
    /// 1 at creation, one more with each change.
    pub version: u64,
}

impl Provider {
    /// How a transaction names it.
    #[must_use]
    pub fn binding(&self) -> ProviderBinding {
        ProviderBinding { id: self.id.clone(), name: self.name.clone() }
    }
}
