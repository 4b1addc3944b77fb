//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_reconciliation::bulk::BulkDecider;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub decider: BulkDecider,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { decider: BulkDecider::of(stores)?, clock: stores.clock() })
    }
}
