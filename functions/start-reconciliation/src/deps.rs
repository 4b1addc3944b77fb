//! What the endpoint works with.

use paywarden_reconciliation::start::Starter;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub merchants: Merchants,
    pub providers: Providers,
    pub starter: Starter,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            providers: stores.providers()?,
            starter: Starter::of(stores)?,
        })
    }
}
