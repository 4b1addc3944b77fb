//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_reconciliation::intake::Intake;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub providers: Providers,
    pub intake: Intake,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            providers: stores.providers()?,
            intake: Intake::of(stores)?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }
}
