//! Who calls: what the authorizer verified, handed over as its context.

use std::collections::HashMap;

use paywarden_domain::access::{Role, Scope};
use paywarden_domain::actor::Actor;
use paywarden_domain::id::MerchantId;
use paywarden_domain::principal::Principal;
use paywarden_domain::time::{Clock, Timestamp, Zone};
use serde_json::Value;

use crate::problem::Problem;

/// A verified caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The merchant it acts for. Every key begins here, never with something from the request.
    pub merchant_id: MerchantId,
    pub principal: Principal,
    /// What the client is for, or the person does.
    pub role: Role,
    /// What this token may do.
    pub scopes: Vec<Scope>,
    /// The merchant's zone, as it was when the token was issued: at most ten minutes ago.
    pub zone: Zone,
    /// When the token ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// The caller as histories name it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::from(&self.principal)
    }

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
            principal: principal(text("client_id"), text("person_id"))?,
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
            (member(&self.principal), self.principal.to_string()),
            ("role", self.role.to_string()),
            ("scopes", scopes.join(" ")),
            ("zone", self.zone.name().to_owned()),
            ("exp", self.expires_at.as_seconds().to_string()),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }
}

/// A context names a client or a person, each under a name of its own, and never both.
fn principal(client: Option<&str>, person: Option<&str>) -> Option<Principal> {
    let named = client.xor(person)?;
    let principal = Principal::parse(named).ok()?;
    (principal.client().is_some() == client.is_some()).then_some(principal)
}

fn member(principal: &Principal) -> &'static str {
    match principal {
        Principal::Client(_) => "client_id",
        Principal::Person(_) => "person_id",
    }
}

#[cfg(test)]
mod tests {
    use paywarden_domain::id::{ClientId, PersonId};

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(0).unwrap()
        }
    }

    fn caller(principal: Principal) -> Caller {
        Caller {
            merchant_id: MerchantId::derived("test", &[b"m"]),
            principal,
            role: Role::Finance,
            scopes: Role::Finance.scopes().to_vec(),
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            expires_at: Timestamp::from_seconds(600).unwrap(),
        }
    }

    #[test]
    fn a_context_names_a_client_or_a_person_and_not_both() {
        let client = ClientId::derived("test", &[b"c"]);
        let person = PersonId::derived("test", &[b"p"]);
        for principal in [Principal::Client(client.clone()), Principal::Person(person.clone())] {
            let caller = caller(principal);
            assert_eq!(Caller::from_context(&caller.to_context(), &Still), Ok(caller));
        }
        let context = caller(Principal::Client(client.clone())).to_context();
        for (client, person) in [
            (Some(client.as_str()), Some(person.as_str())),
            (Some(person.as_str()), None),
            (None, Some(client.as_str())),
            (None, None),
        ] {
            let mut context = context.clone();
            context.remove("client_id");
            for (name, id) in [("client_id", client), ("person_id", person)] {
                context.extend(id.map(|id| (name.to_owned(), Value::from(id))));
            }
            assert!(Caller::from_context(&context, &Still).is_err(), "{client:?} {person:?}");
        }
    }
}
