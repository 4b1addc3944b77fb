//! What the endpoint works with.

use paywarden_store::stores::{InvalidVariable, Stores};
use serde_json::Value;

use crate::document;

pub struct Deps {
    /// Read once: they do not change while the process lives.
    pub events: Vec<Value>,
}

impl Deps {
    pub fn of(_stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { events: document::events() })
    }
}
