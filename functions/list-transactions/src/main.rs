//! `GET /transactions`: a merchant's transactions, filtered, newest first, page by page, as JSON or CSV.
//!
//! - Called by merchants and staff with the scope `transactions:read`.
//! - Reads `merchants` (cached) and one index of `transactions`; for a provider's id of a payment `provider-references`, and
//!   `providers` (cached) when it does not say whose.
//! - Writes nothing.

mod deps;
mod export;
mod filters;
mod handler;
mod named;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
