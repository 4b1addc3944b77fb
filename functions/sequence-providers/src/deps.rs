//! What the endpoint works with.

use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub providers: Providers,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { providers: stores.providers()? })
    }
}
