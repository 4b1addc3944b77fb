//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::Transactions;

pub struct Deps {
    pub merchants: Merchants,
    pub transactions: Transactions,
    pub cursors: Cursors,
    pub dynamo: Dynamo,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            transactions: stores.transactions()?,
            cursors: Cursors::new(stores.cursor_keys()?),
            dynamo: stores.dynamo().clone(),
            clock: stores.clock(),
        })
    }
}
