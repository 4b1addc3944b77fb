//! People: staff who sign in as themselves at an identity provider, which vouches for them by an ID token (OpenID Connect Core).
//! Nobody keeps a list of them here. Who they are, which merchant they act for and in which role is what the token says, read by
//! the settings of the stage.

mod claims;
mod settings;

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::id::{MerchantId, PersonId};

pub use claims::NotAdmitted;
pub use settings::{InvalidSettings, Issuer, Settings};

/// A person, as the provider described them when they signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The same for as long as the provider knows them by the same subject.
    #[serde(rename = "person_id")]
    pub id: PersonId,
    pub role: Role,
    /// What they are called, for people: their name, or their address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The address of the provider.
    pub issuer: String,
}

/// A person whom a token lets in, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The merchant that they act for.
    pub merchant_id: MerchantId,
    pub person: Person,
}

impl Person {
    /// The id of the person whom this issuer calls `subject`.
    #[must_use]
    pub fn id_of(issuer: &str, subject: &str) -> PersonId {
        PersonId::derived("person/1", &[issuer.as_bytes(), subject.as_bytes()])
    }
}

#[cfg(test)]
mod tests;
