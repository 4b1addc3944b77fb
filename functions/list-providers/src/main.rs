//! `GET /providers`: a merchant's providers.
//!
//! - Called by staff with the scope `providers:read`.
//! - Reads `providers`: one Query, whatever the page; and `provider-health`: one Query for each provider on the page.
//! - Writes nothing, and never shows a secret: it cannot open any.

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
