//! What the endpoint works with.

use paywarden_reconciliation::decide::Decider;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub decider: Decider,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { decider: Decider::of(stores)? })
    }
}
