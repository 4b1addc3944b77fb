//! `GET /reconciliation/exceptions`: exceptions across runs: what is open of all providers or some, or what one run found.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads `providers` and the exceptions in `reconciliation`, by provider while they are open, else by their run.
//! - Writes nothing.

mod deps;
mod filters;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
