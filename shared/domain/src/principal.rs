//! Who calls the API: a client with a secret of its own, or a person for whom an identity provider vouches.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, PersonId};

/// Somebody who calls. Written as the id, whose prefix says which of the two it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Principal {
    /// An API client.
    Client(ClientId),
    /// A person who signed in as themselves.
    Person(PersonId),
}

/// A text that is no principal's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a client's id or a person's")]
pub struct UnknownPrincipal;

impl Principal {
    /// Reads an id, prefix included.
    ///
    /// # Errors
    /// [`UnknownPrincipal`].
    pub fn parse(text: &str) -> Result<Self, UnknownPrincipal> {
        let client = ClientId::parse(text).map(Self::Client);
        client.or_else(|_| PersonId::parse(text).map(Self::Person)).map_err(|_| UnknownPrincipal)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Client(id) => id.as_str(),
            Self::Person(id) => id.as_str(),
        }
    }

    /// The client, if it is one.
    #[must_use]
    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Client(id) => Some(id),
            Self::Person(_) => None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl TryFrom<String> for Principal {
    type Error = UnknownPrincipal;

    fn try_from(text: String) -> Result<Self, UnknownPrincipal> {
        Self::parse(&text)
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;

    #[test]
    fn an_id_says_whose_it_is_and_reads_back_as_the_actor_too() {
        let (client, person) = (ClientId::derived("test", &[b"c"]), PersonId::derived("test", &[b"p"]));
        for principal in [Principal::Client(client), Principal::Person(person)] {
            assert_eq!(Principal::parse(principal.as_str()), Ok(principal.clone()));
            let actor = Actor::from(&principal);
            assert_eq!(
                (actor.to_string(), Actor::try_from(principal.to_string())),
                (principal.to_string(), Ok(actor))
            );
        }
        for text in ["", "operator", "mer_00000000000000000000000000", "usr_", "usr_0"] {
            assert_eq!(Principal::parse(text), Err(UnknownPrincipal), "{text}");
        }
    }
}
