//! `GET /transactions/{id}/logs`: the timeline of one transaction, oldest first.
//!
//! - Called by staff with the scope `logs:read`.
//! - Reads `transactions` (one GetItem, which also says whose it is) and one partition of `timeline`.
//! - Writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::LogsRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
