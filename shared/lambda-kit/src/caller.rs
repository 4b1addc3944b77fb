//! Who calls: what the authorizer verified, handed over as its context.

use std::collections::HashMap;

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::id::{ClientId, MerchantId};
use paywarden_domain::time::{Clock, Timestamp, Zone};
use serde_json::Value;

use crate::problem::Problem;

/// A verified caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The merchant it acts for. Every key begins here, never with something from the request.
    pub merchant_id: MerchantId,
    pub client_id: ClientId,
    /// What the client is for.
    pub role: Role,
    /// What this token may do.
    pub scopes: Vec<Scope>,
    /// The merchant's zone, as it was when the token was issued: at most ten minutes ago.
    pub zone: Zone,
    /// When the token ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// Asks for a permission.
    ///
    /// # Errors
    /// 403 without it.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Problem::forbidden(scope)) }
    }

    /// Reads the authorizer's context. A context that lacks something, or whose token has ended since the authorizer
    /// saw it (its answer is cached for up to a minute), is nobody.
    ///
    /// # Errors
    /// 401.
    pub fn from_context(context: &HashMap<String, Value>, clock: &dyn Clock) -> Result<Self, Problem> {
        let caller = Self::read(context).ok_or_else(Problem::unauthorized)?;
        if caller.expires_at <= clock.now() { Err(Problem::unauthorized()) } else { Ok(caller) }
    }

    fn read(context: &HashMap<String, Value>) -> Option<Self> {
        let text = |name: &str| context.get(name).and_then(Value::as_str);
        let scopes = text("scopes")?.split_whitespace().map(Scope::parse).collect::<Result<_, _>>().ok()?;
        Some(Self {
            merchant_id: MerchantId::parse(text("merchant_id")?).ok()?,
            client_id: ClientId::parse(text("client_id")?).ok()?,
            role: Role::parse(text("role")?).ok()?,
            scopes,
            zone: Zone::parse(text("zone")?).ok()?,
            expires_at: Timestamp::from_seconds(text("exp")?.parse().ok()?).ok()?,
        })
    }

    /// The context that [`Caller::from_context`] reads.
    #[must_use]
    pub fn to_context(&self) -> HashMap<String, Value> {
        let scopes: Vec<&str> = self.scopes.iter().map(|scope| scope.as_str()).collect();
        let members = [
            ("merchant_id", self.merchant_id.to_string()),
            ("client_id", self.client_id.to_string()),
            ("role", self.role.to_string()),
            ("scopes", scopes.join(" ")),
            ("zone", self.zone.name().to_owned()),
            ("exp", self.expires_at.as_seconds().to_string()),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }
}
