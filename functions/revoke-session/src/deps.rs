//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_store::sessions::Sessions;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub sessions: Sessions,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { sessions: stores.sessions()?, clock: stores.clock() })
    }
}
