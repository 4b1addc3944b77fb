//! `GET /transactions/{id}/held-reports`: what contradicts a transaction and waits for a person, and what was decided.
//!
//! - Called with the scope `transactions:read`.
//! - Reads the transaction.
//! - Writes nothing; asking again answers the same.

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
