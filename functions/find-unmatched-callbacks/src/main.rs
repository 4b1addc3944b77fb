//! `GET /unmatched-callbacks`: what all of a merchant's providers reported on one day that fits no transaction, oldest first.
//!
//! - Called by staff with the scope `logs:read`.
//! - Reads `providers`, and of each the partitions of `timeline` that the day is in.
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
