//! `GET /audit`: who changed what.
//!
//! - Called by admins with the scope `audit:read`.
//! - Reads `audit`, ten pages at most.
//! - Writes nothing; asking again answers the same.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::AuditRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
