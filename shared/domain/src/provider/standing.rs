//! Whether a provider takes part, who decided so, when and why.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::time::Timestamp;
use crate::vocabulary::words;

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

/// A provider's status and how it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub status: ProviderStatus,
    /// Whether automation must leave it alone.
    pub pinned: bool,
    pub by: Actor,
    pub at: Timestamp,
    pub reason: String,
}

impl Standing {
    /// How a provider begins.
    #[must_use]
    pub fn new(by: Actor, at: Timestamp) -> Self {
        Self { status: ProviderStatus::Active, pinned: false, by, at, reason: "added".to_owned() }
    }

    /// Whether automation may change it: not what is pinned or switched off, and no maintenance that a person ordered.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        !self.pinned
            && match self.status {
                ProviderStatus::Active => true,
                ProviderStatus::Maintenance => self.by == Actor::Automation,
                ProviderStatus::Inactive => false,
            }
    }
}
