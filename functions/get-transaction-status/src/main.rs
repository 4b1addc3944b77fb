//! `GET /transactions/status?id=`: one transaction's status by its prefixed id.
//!
//! - Called by merchants and staff with the scope `transactions:read`.
//! - Reads `transactions`: one consistent GetItem.
//! - Writes nothing. Its answers, refusals included, have the shapes of the status API.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsRead).rendering(handler::render);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
