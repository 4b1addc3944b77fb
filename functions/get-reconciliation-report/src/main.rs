//! `GET /reconciliation/runs/{id}/report`: where the report of a run can be had.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads the run in `reconciliation`. The report is not read: the answer is an address in the bucket that is good for a
//!   while.
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
