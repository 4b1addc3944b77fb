//! What the endpoint works with.

use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_payments::rehearse::Rehearser;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub providers: Providers,
    pub rehearser: Rehearser,
    pub public_url: PublicUrl,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            providers: stores.providers()?,
            rehearser: Rehearser::of(stores)?,
            public_url: PublicUrl::new(stores.public_api_url()),
        })
    }
}
