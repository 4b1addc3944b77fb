//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::totals::TotalsTable;

pub struct Deps {
    pub merchants: Merchants,
    pub totals: TotalsTable,
    pub ledger: LedgerTable,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            totals: stores.totals()?,
            ledger: stores.ledger()?,
            cursors: Cursors::new(stores.cursor_keys()?),
            clock: stores.clock(),
        })
    }
}
