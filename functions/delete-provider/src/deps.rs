//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_roster::keeper::Keeper;
use paywarden_store::health::Health;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::Transactions;

pub struct Deps {
    pub keeper: Keeper,
    pub health: Health,
    pub merchants: Merchants,
    pub transactions: Transactions,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            keeper: Keeper::of(stores)?,
            health: stores.health()?,
            merchants: stores.merchants()?,
            transactions: stores.transactions()?,
            clock: stores.clock(),
        })
    }
}
