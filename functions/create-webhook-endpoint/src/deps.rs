//! What the endpoint works with.

use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_webhooks::endpoints::EndpointKeeper;

pub struct Deps {
    pub keeper: EndpointKeeper,
    pub policy: AddressPolicy,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { keeper: EndpointKeeper::of(stores)?, policy: stores.webhook_addresses()? })
    }
}
