//! What the endpoint works with.

use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::TimelineReader;
use paywarden_store::transactions::Transactions;

pub struct Deps {
    pub transactions: Transactions,
    pub timeline: TimelineReader,
    pub cursors: Cursors,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            transactions: stores.transactions()?,
            timeline: stores.timeline_reader()?,
            cursors: Cursors::new(stores.cursor_keys()?),
        })
    }
}
