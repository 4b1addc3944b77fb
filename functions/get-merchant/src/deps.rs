//! What the endpoint works with.

use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub merchants: Merchants,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { merchants: stores.merchants()? })
    }
}
