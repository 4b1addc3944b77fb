//! `GET /transactions/{id}`: one transaction with all that its own page shows, by its id or its id in the status API.
//!
//! - Called by merchants and staff with the scope `transactions:read`.
//! - Reads `transactions`: one consistent GetItem.
//! - Writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
