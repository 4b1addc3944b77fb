//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_payments::record::Recorder;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub merchants: Merchants,
    pub recorder: Recorder,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            recorder: Recorder::of(stores)?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }
}
