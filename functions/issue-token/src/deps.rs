//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_lambda_kit::token::Tokens;
use paywarden_store::clients::Clients;
use paywarden_store::failures::Failures;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub clients: Clients,
    pub failures: Failures,
    pub merchants: Merchants,
    pub tokens: Tokens,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            clients: stores.clients()?,
            failures: stores.failures()?,
            merchants: stores.merchants()?,
            tokens: Tokens::new(stores.signing_keys()?, stores.token_issuer()?, stores.clock()),
            clock: stores.clock(),
        })
    }
}
