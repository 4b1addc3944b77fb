//! What the endpoint works with.

use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Endpoints};

pub struct Deps {
    pub endpoints: Endpoints,
    pub deliveries: Deliveries,
    pub cursors: Cursors,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            deliveries: stores.deliveries()?,
            cursors: Cursors::new(stores.cursor_keys()?),
        })
    }
}
