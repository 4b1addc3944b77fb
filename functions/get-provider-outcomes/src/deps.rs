//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_store::health::Health;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub providers: Providers,
    pub merchants: Merchants,
    pub health: Health,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            providers: stores.providers()?,
            merchants: stores.merchants()?,
            health: stores.health()?,
            clock: stores.clock(),
        })
    }
}
