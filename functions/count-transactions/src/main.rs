//! `GET /transactions/counts`: how many of a merchant's transactions stand how, by the days on which they were created.
//!
//! - Called by merchants and staff with the scope `transactions:read`.
//! - Reads `merchants` (cached) and the counts in `totals`, whose cost grows with days, providers and methods and not with
//!   transactions.
//! - Writes nothing.

mod deps;
mod filters;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
