//! What the authorizer works with.

use paywarden_lambda_kit::token::Tokens;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub tokens: Tokens,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { tokens: Tokens::new(stores.signing_keys()?, stores.token_issuer()?, stores.clock()) })
    }
}
