//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Replays;

pub struct Deps {
    pub replays: Replays,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { replays: stores.webhook_replays()? })
    }
}
