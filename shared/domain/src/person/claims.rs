//! Whether an ID token that its issuer has signed lets somebody in, and as whom (OpenID Connect Core, section 3.1.3.7).

use serde_json::{Map, Value};

use super::{Admitted, Issuer, Person};
use crate::access::Role;
use crate::id::MerchantId;
use crate::time::Timestamp;

/// Seconds by which the issuer's clock may differ from ours.
const LEEWAY_SECONDS: i64 = 60;

/// Seconds after which a token is not taken any more, whenever it ends itself. It is exchanged right after it was issued; one that
/// is found later, in a log or a history, opens nothing.
const LONGEST_SECONDS: i64 = 600;

/// Longest subject, in bytes (OpenID Connect Core, section 2).
const SUBJECT_BYTES: usize = 255;

/// Longest name that is kept, in characters.
const NAME_CHARACTERS: usize = 100;

/// Why a token lets nobody in. Said to the log; none of it repeats what is in the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is for another audience")]
    Audience,
    #[error("it was issued to another party")]
    Party,
    #[error("it has ended, or says not when it does")]
    Ended,
    #[error("it begins in the future, or says not when it was issued")]
    Future,
    #[error("it was issued too long ago")]
    Old,
    #[error("it has another nonce")]
    Nonce,
    #[error("it names nobody")]
    Subject,
    #[error("the claim of the merchant names none, or several")]
    Merchant,
    #[error("the claim of the role names none, or several")]
    Role,
}

impl NotAdmitted {
    /// Whether the token is as it should be, and its person has no place here.
    #[must_use]
    pub fn is_of_a_person(self) -> bool {
        matches!(self, Self::Merchant | Self::Role)
    }
}

impl Issuer {
    /// The person for whom a token with these claims vouches. `nonce` is what was sent to the issuer when this sign-in began.
    ///
    /// # Errors
    /// [`NotAdmitted`].
    pub fn admit(
        &self,
        claims: &Map<String, Value>,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Admitted, NotAdmitted> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(&self.url) {
            return Err(NotAdmitted::Issuer);
        }
        self.check_audience(claims)?;
        check_times(claims, now.as_seconds())?;
        if nonce.is_empty() || text("nonce") != Some(nonce) {
            return Err(NotAdmitted::Nonce);
        }
        let subject = text("sub").filter(|subject| !subject.is_empty() && subject.len() <= SUBJECT_BYTES);
        let subject = subject.ok_or(NotAdmitted::Subject)?;
        let merchant_id = self.merchant(claims)?;
        let person = Person {
            id: Person::id_of(&self.url, subject),
            role: self.role(claims)?,
            name: name(claims),
            issuer: self.url.clone(),
        };
        Ok(Admitted { merchant_id, person })
    }

    /// A token for several has to say for whom of them it was issued; one that says so has to mean us.
    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), NotAdmitted> {
        let ours = |value: &Value| value.as_str() == Some(&self.audience);
        let several = match claims.get("aud") {
            Some(Value::Array(audiences)) if audiences.iter().any(ours) => audiences.len() > 1,
            Some(audience) if ours(audience) => false,
            _ => return Err(NotAdmitted::Audience),
        };
        match claims.get("azp") {
            Some(party) if ours(party) => Ok(()),
            None if !several => Ok(()),
            _ => Err(NotAdmitted::Party),
        }
    }

    /// To act for two merchants at once is to act for neither.
    fn merchant(&self, claims: &Map<String, Value>) -> Result<MerchantId, NotAdmitted> {
        let merchants = self.merchant.meanings(claims, |value| MerchantId::parse(value).ok());
        let [merchant] = merchants.as_slice() else {
            return Err(NotAdmitted::Merchant);
        };
        Ok(merchant.clone())
    }

    /// Of several groups the settings say which counts. Words of roles have no such order.
    fn role(&self, claims: &Map<String, Value>) -> Result<Role, NotAdmitted> {
        let roles = self.role.meanings(claims, |value| Role::parse(value).ok());
        match roles.as_slice() {
            [role] => Ok(*role),
            [first, ..] if self.role.is_ordered() => Ok(*first),
            _ => Err(NotAdmitted::Role),
        }
    }
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), NotAdmitted> {
    let time = |name: &str| claims.get(name).map(Value::as_i64);
    let ends = time("exp").flatten().ok_or(NotAdmitted::Ended)?;
    if ends.saturating_add(LEEWAY_SECONDS) <= now {
        return Err(NotAdmitted::Ended);
    }
    let issued = time("iat").flatten().ok_or(NotAdmitted::Future)?;
    let begins = time("nbf").unwrap_or(Some(issued)).ok_or(NotAdmitted::Future)?;
    if issued.max(begins) > now.saturating_add(LEEWAY_SECONDS) {
        return Err(NotAdmitted::Future);
    }
    if issued.saturating_add(LONGEST_SECONDS) <= now { Err(NotAdmitted::Old) } else { Ok(()) }
}

/// What the person is called: their name, else the address that the issuer does not say is unverified.
fn name(claims: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim);
    let is_verified = claims.get("email_verified") != Some(&Value::Bool(false));
    let name = text("name").filter(|name| !name.is_empty());
    let name = name.or_else(|| text("email").filter(|email| is_verified && !email.is_empty()))?;
    let visible = name.chars().filter(|character| !character.is_control());
    Some(visible.take(NAME_CHARACTERS).collect())
}
