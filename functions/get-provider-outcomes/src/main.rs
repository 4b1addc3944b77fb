//! `GET /providers/{id}/outcomes`: how a provider does, and why monitoring thinks what it thinks.
//!
//! - Called with the scope `providers:read`.
//! - Reads `providers`, `merchants` (cached) and a week of `provider-health`.
//! - Writes nothing; asking again answers the same.

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
