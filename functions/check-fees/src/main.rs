//! `GET /reconciliation/fees`: what providers' statements took in fees and taxes, beside what was recorded by the configured
//! tariffs: by provider, service and currency of a month, with the exceptions behind what differs.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads `providers`; what runs counted, and their exceptions, in `reconciliation`. No transaction and no file.
//! - Writes nothing.

mod deps;
mod filters;
mod handler;
mod shown;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
