//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_webhooks::endpoints::EndpointKeeper;
use paywarden_webhooks::endpoints::parked::Release;

pub struct Deps {
    pub keeper: EndpointKeeper,
    pub release: Release,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { keeper: EndpointKeeper::of(stores)?, release: Release::of(stores)? })
    }
}
