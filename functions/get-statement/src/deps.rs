//! What the endpoint works with.

use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub table: Reconciliation,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { table: stores.reconciliation()? })
    }
}
