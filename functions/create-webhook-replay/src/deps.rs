//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::Transactions;
use paywarden_store::webhooks::Endpoints;
use paywarden_webhooks::replay::ReplayKeeper;

pub struct Deps {
    pub endpoints: Endpoints,
    pub transactions: Transactions,
    pub keeper: ReplayKeeper,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            transactions: stores.transactions()?,
            keeper: ReplayKeeper::of(stores)?,
            clock: stores.clock(),
        })
    }
}
