//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Endpoints;
use paywarden_webhooks::endpoints::trial::Trials;

pub struct Deps {
    pub endpoints: Endpoints,
    pub trials: Trials,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { endpoints: stores.endpoints()?, trials: Trials::of(stores)? })
    }
}
