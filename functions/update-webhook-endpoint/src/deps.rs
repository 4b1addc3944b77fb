//! What the endpoint works with.

use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_webhooks::endpoints::EndpointKeeper;
use paywarden_webhooks::endpoints::parked::Release;
use paywarden_webhooks::endpoints::view::EndpointView;

pub struct Deps {
    pub keeper: EndpointKeeper,
    pub view: EndpointView,
    pub release: Release,
    pub policy: AddressPolicy,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            keeper: EndpointKeeper::of(stores)?,
            view: EndpointView::of(stores)?,
            release: Release::of(stores)?,
            policy: stores.webhook_addresses()?,
        })
    }
}
