//! What the endpoint works with.

use paywarden_payments::unmatched::UnmatchedDecider;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub decider: UnmatchedDecider,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { decider: UnmatchedDecider::of(stores)? })
    }
}
