//! What the endpoint works with.

use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub table: Reconciliation,
    pub cursors: Cursors,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { table: stores.reconciliation()?, cursors: Cursors::new(stores.cursor_keys()?) })
    }
}
