//! What the endpoint works with.

use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub providers: Providers,
    pub cursors: Cursors,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { providers: stores.providers()?, cursors: Cursors::new(stores.cursor_keys()?) })
    }
}
