//! `POST /reconciliation/runs`: finance holds a provider's statements against the ledger.
//!
//! - Called by finance with the scope `reconciliation:write`.
//! - Reads `merchants` and `providers`, and the statements in `reconciliation`; writes the run there and queues it.
//! - The run's id follows from what it compares, so the same request answers the same run; one that failed or was stopped
//!   begins again.

mod deps;
mod handler;
mod input;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationWrite).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
