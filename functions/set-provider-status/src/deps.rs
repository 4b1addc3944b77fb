//! What the endpoint works with.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_roster::keeper::Keeper;
use paywarden_roster::view::ProviderView;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub keeper: Keeper,
    pub view: ProviderView,
    pub public_url: PublicUrl,
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            keeper: Keeper::of(stores)?,
            view: ProviderView::of(stores)?,
            public_url: PublicUrl::new(stores.public_api_url()),
            clock: stores.clock(),
        })
    }
}
