//! What the endpoint works with.

use paywarden_payments::replay::Replayer;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub replayer: Replayer,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { replayer: Replayer::of(stores)? })
    }
}
