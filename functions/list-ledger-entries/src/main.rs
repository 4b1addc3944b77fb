//! `GET /reconciliation`: the finance view. Totals of debits, credits, fees and taxes of all days
//! and of each, and the Transfer, Fee, Tax and Refund rows behind
//! them, as JSON or CSV.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads `totals`, whose cost grows with days and dimensions and not with transactions; and a page of `ledger`.
//! - Writes nothing.

mod deps;
mod filters;
mod handler;
mod totals;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
