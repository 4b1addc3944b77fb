//! What the endpoint works with.

use paywarden_lambda_kit::cursor::Cursors;
use paywarden_store::audit::AuditReader;
use paywarden_store::stores::{InvalidVariable, Stores};

pub struct Deps {
    pub audit: AuditReader,
    pub cursors: Cursors,
}

impl Deps {
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { audit: stores.audit_reader()?, cursors: Cursors::new(stores.cursor_keys()?) })
    }
}
