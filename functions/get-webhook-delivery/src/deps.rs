//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Endpoints};

pub struct Deps {
    pub endpoints: Endpoints,
    pub deliveries: Deliveries,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { endpoints: stores.endpoints()?, deliveries: stores.deliveries()? })
    }
}
