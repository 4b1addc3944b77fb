//! What the endpoint works with.

use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_payments::receive::Receiver;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub providers: Providers,
    pub receiver: Receiver,
    pub public_url: PublicUrl,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            providers: stores.providers()?,
            receiver: Receiver::of(stores)?,
            public_url: PublicUrl::new(stores.public_api_url()),
        })
    }
}
