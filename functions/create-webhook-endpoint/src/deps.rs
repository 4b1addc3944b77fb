//! What the endpoint works with.

use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_webhooks::endpoints::Adder;
use paywarden_webhooks::endpoints::trial::Trials;

pub struct Deps {
    pub adder: Adder,
    pub trials: Trials,
    pub policy: AddressPolicy,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            adder: Adder::of(stores)?,
            trials: Trials::of(stores)?,
            policy: stores.webhook_addresses()?,
        })
    }
}
