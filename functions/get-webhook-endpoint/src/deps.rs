//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Endpoints;
use paywarden_webhooks::endpoints::view::EndpointView;

pub struct Deps {
    pub endpoints: Endpoints,
    pub view: EndpointView,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { endpoints: stores.endpoints()?, view: EndpointView::of(stores)? })
    }
}
