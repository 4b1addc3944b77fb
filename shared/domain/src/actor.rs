//! Who changed something: a principal, or whoever needs none.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, PersonId};
use crate::principal::Principal;

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
