//! What the endpoint works with.

use paywarden_payments::decide::HeldDecider;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub decider: HeldDecider,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { decider: HeldDecider::of(stores)? })
    }
}
