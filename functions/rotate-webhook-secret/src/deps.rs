//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_webhooks::endpoints::Rotator;
use paywarden_webhooks::endpoints::view::EndpointView;

pub struct Deps {
    pub rotator: Rotator,
    pub view: EndpointView,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { rotator: Rotator::of(stores)?, view: EndpointView::of(stores)? })
    }
}
