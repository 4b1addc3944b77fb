//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::{ProviderReferences, Transactions};

pub struct Deps {
    pub merchants: Merchants,
    pub transactions: Transactions,
    pub references: ProviderReferences,
    pub providers: Providers,
    pub cursors: Cursors,
    pub dynamo: Dynamo,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            transactions: stores.transactions()?,
            references: stores.provider_references()?,
            providers: stores.providers()?,
            cursors: Cursors::new(stores.cursor_keys()?),
            dynamo: stores.dynamo().clone(),
            clock: stores.clock(),
        })
    }
}
