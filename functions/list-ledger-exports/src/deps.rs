//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::objects::Objects;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            cursors: Cursors::new(stores.cursor_keys()?),
            clock: stores.clock(),
        })
    }
}
