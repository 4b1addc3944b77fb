//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::totals::TotalsTable;

pub struct Deps {
    pub merchants: Merchants,
    pub totals: TotalsTable,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { merchants: stores.merchants()?, totals: stores.totals()?, clock: stores.clock() })
    }
}
