//! API clients: who may ask for tokens, for what, and from where. One person or one system each, so that the actor in a history
//! means somebody.

mod addresses;
mod secrets;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::{Role, Scope};
use crate::id::{ClientId, MerchantId};
use crate::principal::Principal;
use crate::time::{Timestamp, Zone};
use crate::vocabulary::words_of;

pub use addresses::{AddressRange, Addresses, InvalidRange};
pub use secrets::{PreviousSecret, Replacement};

/// An API client. Its secrets are not kept, only hashes of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    /// The merchant it acts for.
    pub merchant_id: MerchantId,
    /// Who it is, for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The only ones of the role's scopes that it has; without them it has all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scopes: Option<Vec<Scope>>,
    /// Where it may call from.
    #[serde(skip_serializing_if = "Addresses::is_anywhere", default)]
    pub allowed_addresses: Addresses,
    /// The hash of its secret.
    pub secret_hash: String,
    /// The secret before, while it is still good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous_secret: Option<PreviousSecret>,
    pub created_at: Timestamp,
    /// When it last got a token, to the hour.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
}

/// Scopes that a client of a role cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected some of the scopes of the role {role}: {}", words_of(role.scopes(), Scope::as_str))]
pub struct ForeignScopes {
    pub role: Role,
}

/// Why a client is not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevokeRefusal {
    /// Whoever revokes stays, so that there is always one who may.
    #[error("a client cannot revoke itself")]
    Itself,
}

impl Client {
    /// Clients of one merchant that are not revoked.
    pub const LIMIT: usize = 200;
    /// Days for which a revoked client is still shown: as long as its name may stand in a timeline.
    pub const SHOWN_DAYS: i64 = 400;
    /// Seconds in which one use is noted.
    const USE_SECONDS: i64 = 3600;

    /// A client with all scopes of its role, from anywhere.
    #[must_use]
    pub fn new(
        id: ClientId,
        merchant_id: MerchantId,
        name: String,
        role: Role,
        secret_hash: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            merchant_id,
            name,
            role,
            scopes: None,
            allowed_addresses: Addresses::default(),
            secret_hash,
            previous_secret: None,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// Whether it may still get tokens.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// What it may do, in the order of the role's scopes. A scope that the role has lost is lost to the client too.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let has = |scope: &&Scope| self.scopes.as_ref().is_none_or(|own| own.contains(scope));
        self.role.scopes().iter().filter(has).copied().collect()
    }

    /// What a token of it may do: everything that the client may, or what is asked for (scopes separated by spaces) if the
    /// client may all of that. Nothing else.
    #[must_use]
    pub fn granted(&self, asked: Option<&str>) -> Option<Vec<Scope>> {
        let allowed = self.scopes();
        let Some(asked) = asked.filter(|scopes| !scopes.trim().is_empty()) else {
            return Some(allowed);
        };
        let scopes: Vec<Scope> = asked.split_whitespace().map(Scope::parse).collect::<Result<_, _>>().ok()?;
        scopes.iter().all(|scope| allowed.contains(scope)).then_some(scopes)
    }

    /// The first scope that the client has and `others` lack: with its secret they could do more than they may.
    #[must_use]
    pub fn beyond(&self, others: &[Scope]) -> Option<Scope> {
        self.scopes().into_iter().find(|scope| !others.contains(scope))
    }

    /// Whether a use at `now` is worth a write: the last one that was noted is an hour old.
    #[must_use]
    pub fn is_use_news(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last| last.plus_seconds(Self::USE_SECONDS) <= now)
    }

    /// Whether `by` may revoke it.
    ///
    /// # Errors
    /// [`RevokeRefusal`].
    pub fn may_be_revoked(&self, by: &Principal) -> Result<(), RevokeRefusal> {
        if by.client() == Some(&self.id) { Err(RevokeRefusal::Itself) } else { Ok(()) }
    }

    /// The client as the API shows it, never with a secret.
    #[must_use]
    pub fn to_json(&self, zone: &Zone, now: Timestamp) -> Value {
        let text = |moment: Option<Timestamp>| moment.map(|moment| zone.clock_text(moment));
        let previous = self.previous_secret.as_ref().map(|previous| previous.valid_until);
        json!({
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "scopes": self.scopes(),
            "allowed_addresses": self.allowed_addresses,
            "created_at": zone.clock_text(self.created_at),
            "last_used_at": text(self.last_used_at),
            "previous_secret_valid_until": text(previous.filter(|until| *until > now)),
            "revoked_at": text(self.revoked_at),
        })
    }

    /// The same with a secret that was just made: nobody sees it again.
    #[must_use]
    pub fn to_json_with(&self, secret: &str, zone: &Zone, now: Timestamp) -> Value {
        let mut shown = self.to_json(zone, now);
        if let Value::Object(members) = &mut shown {
            members.insert("secret".to_owned(), json!(secret));
        }
        shown
    }
}

/// The scopes of a client that is to have only some of its role's: each once, in the role's order.
///
/// # Errors
/// [`ForeignScopes`] when there are none, or the role lacks one.
pub fn narrowed(role: Role, scopes: &[Scope]) -> Result<Vec<Scope>, ForeignScopes> {
    if scopes.is_empty() || scopes.iter().any(|scope| !role.scopes().contains(scope)) {
        return Err(ForeignScopes { role });
    }
    Ok(role.scopes().iter().filter(|scope| scopes.contains(scope)).copied().collect())
}

#[cfg(test)]
mod tests;
