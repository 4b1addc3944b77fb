//! The stage's identity provider: is an ID token one of its own, and for whom does it vouch.

mod fetch;
mod keys;
mod signature;

use std::sync::Arc;

use paywarden_domain::person::{Admitted, Issuer, NotAdmitted};
use paywarden_domain::time::Clock;

use fetch::FetchError;
use keys::Keys;
use signature::Signed;

/// The provider, as a stage knows it. Nothing is fetched before the first token is there to be looked at.
pub struct IdentityProvider {
    issuer: Issuer,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

/// An ID token, not known to be one, and the nonce that was sent to the provider for it.
pub struct Presented<'a> {
    pub token: &'a str,
    pub nonce: &'a str,
}

/// Why nobody is let in. None of it repeats what is in the token.
pub enum Unproven {
    /// It is no ID token that the provider has signed.
    Token(String),
    /// It is, and says what it should not.
    Claims(NotAdmitted),
    /// Whether it is cannot be told now.
    Unreachable(FetchError),
}

impl IdentityProvider {
    pub fn new(issuer: Issuer, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, keys: Keys::new(Arc::clone(&clock)), clock }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.issuer.url()
    }

    /// The person for whom a token vouches. Its signature comes first: what a stranger wrote is not read.
    pub async fn admit(&self, presented: &Presented<'_>) -> Result<Admitted, Unproven> {
        let signed = Signed::read(presented.token).map_err(Unproven::Token)?;
        let key = self.keys.find(&self.issuer, signed.key_id()).await.map_err(Unproven::Unreachable)?;
        let key = key.ok_or_else(|| Unproven::Token("its key is none of the issuer's".to_owned()))?;
        let claims = signed.claims(&key).map_err(Unproven::Token)?;
        self.issuer.admit(&claims, presented.nonce, self.clock.now()).map_err(Unproven::Claims)
    }
}
