//! What the endpoint works with.

use paywarden_reconciliation::cancel::Canceller;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub canceller: Canceller,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { canceller: Canceller::of(stores)? })
    }
}
