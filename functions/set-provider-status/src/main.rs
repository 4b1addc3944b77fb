//! `POST /providers/{id}/status`: somebody takes a provider out of routing, or lets it in again.
//!
//! - Called by operations with the scope `providers:write`.
//! - Reads the provider and writes it with a line of its history in one atomic write, under the version it read; the
//!   table's stream announces the change.
//! - Sending the same again changes nothing and writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ProvidersWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
