//! Whether a provider takes part, who decided so, when and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, PersonId};
use crate::principal::Principal;
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

/// Who changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// A client of the API: a person or a system.
    Client(ClientId),
    /// A person who signed in as themselves.
    Person(PersonId),
    /// The monitoring.
    Automation,
    /// Somebody with access to the account.
    Operator,
}

/// A text that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a client or a person, automation or operator")]
pub struct UnknownActor;

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(id) => fmt::Display::fmt(id, formatter),
            Self::Person(id) => fmt::Display::fmt(id, formatter),
            Self::Automation => formatter.write_str("automation"),
            Self::Operator => formatter.write_str("operator"),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = UnknownActor;

    fn try_from(text: String) -> Result<Self, UnknownActor> {
        match text.as_str() {
            "automation" => Ok(Self::Automation),
            "operator" => Ok(Self::Operator),
            id => Principal::parse(id).map(|principal| Self::from(&principal)).map_err(|_| UnknownActor),
        }
    }
}

impl From<&Principal> for Actor {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Client(id) => Self::Client(id.clone()),
            Principal::Person(id) => Self::Person(id.clone()),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
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
