//! `POST /transactions/{id}/held-reports`: somebody accepts or dismisses what is held on a transaction.
//!
//! - Called with the scope `reconciliation:write`.
//! - Reads the transaction and its `providers` (what the accepted amount costs).
//! - Writes the transaction, with `provider-references` for payments that are its own from now on; ledger, totals, timeline
//!   and webhooks follow by the stream. Deciding the same again changes nothing.

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
