//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_store::objects::Objects;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            clock: stores.clock(),
        })
    }
}
