//! `GET /providers/sequence`: which provider a payment goes to first, and why.
//!
//! - Called by staff with the scope `providers:read`.
//! - Reads `providers`: one Query.
//! - Writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ProvidersRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
