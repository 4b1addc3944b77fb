//! `GET /reconciliation/runs/{id}`: one run.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads the run and its shards in `reconciliation`.
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
