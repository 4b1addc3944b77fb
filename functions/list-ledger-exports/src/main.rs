//! `GET /reconciliation/exports`: the days of the ledger that were written to files, and where these can be had.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads which days were written in `reconciliation`, and signs addresses of files under `exports/`.
//! - Writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
