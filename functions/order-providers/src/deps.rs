//! What the endpoint works with.

use paywarden_roster::keeper::Keeper;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub keeper: Keeper,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { keeper: Keeper::of(stores)? })
    }
}
