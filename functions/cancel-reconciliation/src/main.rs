//! `POST /reconciliation/runs/{id}/cancel`: somebody stops a run.
//!
//! - Called by finance with the scope `reconciliation:write`.
//! - Reads and writes the run in `reconciliation`, on condition that it is still the one that was read.
//! - Stopping it again changes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
