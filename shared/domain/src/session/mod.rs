//! Sessions: somebody who signed in once and goes on without their secret, or without asking their identity provider again. A
//! session is held by whoever has its refresh token, which is another one after every use, so that a copy shows: of two holders one
//! comes with a token that was used before.
//!
//! | what ends it | when |
//! |---|---|
//! | nobody uses it | after half an hour |
//! | time | after twelve hours, however busy |
//! | a token that was used before | at once: either holder may be a thief |
//! | the secret that began it ends, or its client | at the next use |
//! | the stage has another identity provider than its person came from | at the next use |
//! | somebody revokes it | at once |

mod token;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::Scope;
use crate::client::Client;
use crate::id::{ClientId, MerchantId, SessionId};
use crate::person::Person;
use crate::principal::Principal;
use crate::time::{Timestamp, Zone};

pub use token::RefreshToken;

/// A session. Its token is not kept, only a hash of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub merchant_id: MerchantId,
    /// Who signed in.
    #[serde(flatten)]
    pub holder: Holder,
    /// The only scopes that it has, of those that its holder has at each use; without them it has all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scopes: Option<Vec<Scope>>,
    /// The hash of the token that is good.
    pub token_hash: String,
    /// The token before, while its answer may have been lost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous_token: Option<PreviousToken>,
    /// Where it was last used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<IpAddr>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// When it ends, however busy it is.
    pub ends_at: Timestamp,
    /// When it was revoked, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Holder {
    /// A client, which is read again at each use.
    Client {
        client_id: ClientId,
        /// The hash of the secret that began the session.
        secret_hash: String,
    },
    /// A person as they were when they signed in: there is nobody to ask until they do so again.
    Person(Person),
}

/// A token that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousToken {
    /// The hash of it.
    pub hash: String,
    /// Until when its answer is given again.
    pub until: Timestamp,
}

/// What a token is to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The one that is good.
    Good,
    /// The one before, whose answer may have been lost: it is given again.
    Again,
    /// One that was used before, so that there are two who hold it.
    Reused,
    /// The session has ended.
    Over,
}

impl Session {
    /// Seconds without a use after which it ends.
    pub const IDLE_SECONDS: i64 = 30 * 60;
    /// Seconds after which it ends in any case.
    pub const LONGEST_SECONDS: i64 = 12 * 3600;
    /// Seconds in which a token that was used gives its answer again: longer than a request takes at the gateway, which gives up
    /// after 29.
    pub const GRACE_SECONDS: i64 = 30;

    /// A session that `client` begins with the secret of this hash, with all of its scopes and from nowhere known.
    #[must_use]
    pub fn begin(client: &Client, secret_hash: &str, token: &RefreshToken, now: Timestamp) -> Self {
        let (client_id, secret_hash) = (client.id.clone(), secret_hash.to_owned());
        Self::new(client.merchant_id.clone(), Holder::Client { client_id, secret_hash }, token, now)
    }

    /// A session that a person of the merchant begins, in the same way.
    #[must_use]
    pub fn begin_as(person: Person, merchant_id: MerchantId, token: &RefreshToken, now: Timestamp) -> Self {
        Self::new(merchant_id, Holder::Person(person), token, now)
    }

    fn new(merchant_id: MerchantId, holder: Holder, token: &RefreshToken, now: Timestamp) -> Self {
        Self {
            id: token.session_id(),
            merchant_id,
            holder,
            scopes: None,
            token_hash: token.hash(),
            previous_token: None,
            address: None,
            created_at: now,
            last_used_at: now,
            ends_at: now.plus_seconds(Self::LONGEST_SECONDS),
            revoked_at: None,
        }
    }

    /// Who holds it.
    #[must_use]
    pub fn principal(&self) -> Principal {
        match &self.holder {
            Holder::Client { client_id, .. } => Principal::Client(client_id.clone()),
            Holder::Person(person) => Principal::Person(person.id.clone()),
        }
    }

    /// When it ends if it is not used again.
    #[must_use]
    pub fn good_until(&self) -> Timestamp {
        self.last_used_at.plus_seconds(Self::IDLE_SECONDS).min(self.ends_at)
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.good_until()
    }

    /// What a token of this session is to it now.
    #[must_use]
    pub fn presented(&self, token: &RefreshToken, now: Timestamp) -> Presented {
        let hash = token.hash();
        let is_previous = |previous: &PreviousToken| previous.hash == hash && now < previous.until;
        if !self.is_live(now) {
            Presented::Over
        } else if hash == self.token_hash {
            Presented::Good
        } else if self.previous_token.as_ref().is_some_and(is_previous) {
            Presented::Again
        } else {
            Presented::Reused
        }
    }

    /// The session after a use that gave `next` out.
    #[must_use]
    pub fn used(self, next: &RefreshToken, address: Option<IpAddr>, now: Timestamp) -> Self {
        let until = now.plus_seconds(Self::GRACE_SECONDS);
        Self {
            token_hash: next.hash(),
            previous_token: Some(PreviousToken { hash: self.token_hash, until }),
            address,
            last_used_at: now,
            ..self
        }
    }

    /// What its client lets it do now; nothing if the client is revoked, or the secret that began the session is over.
    #[must_use]
    pub fn granted(&self, client: &Client, now: Timestamp) -> Vec<Scope> {
        match &self.holder {
            Holder::Client { client_id, secret_hash }
                if client.id == *client_id && client.is_live() && client.keeps(secret_hash, now) =>
            {
                self.within(&client.scopes())
            }
            _ => Vec::new(),
        }
    }

    /// What its person may; nothing if another issuer than this one vouched for them, or there is none any more.
    #[must_use]
    pub fn granted_to_person(&self, issuer: Option<&str>) -> Vec<Scope> {
        match &self.holder {
            Holder::Person(person) if issuer == Some(&person.issuer) => self.within(person.role.scopes()),
            _ => Vec::new(),
        }
    }

    fn within(&self, allowed: &[Scope]) -> Vec<Scope> {
        let has = |scope: &&Scope| self.scopes.as_ref().is_none_or(|own| own.contains(scope));
        allowed.iter().filter(has).copied().collect()
    }

    /// The session as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let (client_id, person) = match &self.holder {
            Holder::Client { client_id, .. } => (Some(client_id), None),
            Holder::Person(person) => (None, Some(person)),
        };
        json!({
            "id": self.id,
            "client_id": client_id,
            "person_id": person.map(|person| &person.id),
            "person_name": person.and_then(|person| person.name.as_ref()),
            "scopes": self.scopes,
            "address": self.address,
            "created_at": zone.clock_text(self.created_at),
            "last_used_at": zone.clock_text(self.last_used_at),
            "good_until": zone.clock_text(self.good_until()),
            "ends_at": zone.clock_text(self.ends_at),
            "revoked_at": self.revoked_at.map(|at| zone.clock_text(at)),
        })
    }
}

#[cfg(test)]
mod tests;
