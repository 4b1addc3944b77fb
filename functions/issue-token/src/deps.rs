//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::token::Tokens;
use paywarden_store::clients::Clients;
use paywarden_store::failures::Failures;
use paywarden_store::keys::KeySource;
use paywarden_store::merchants::Merchants;
use paywarden_store::sessions::Sessions;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::identity::IdentityProvider;

pub struct Deps {
    pub clients: Clients,
    pub failures: Failures,
    pub merchants: Merchants,
    pub sessions: Sessions,
    /// Where people sign in as themselves, if the stage has such a place.
    pub identity: Option<IdentityProvider>,
    pub tokens: Tokens,
    /// What a session's next refresh token is made with.
    pub keys: Arc<dyn KeySource>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        let keys = stores.signing_keys()?;
        Ok(Self {
            clients: stores.clients()?,
            failures: stores.failures()?,
            merchants: stores.merchants()?,
            sessions: stores.sessions()?,
            identity: stores.identity_issuer()?.map(|issuer| IdentityProvider::new(issuer, stores.clock())),
            tokens: Tokens::new(Arc::clone(&keys), stores.token_issuer()?, stores.clock()),
            keys,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }
}
