//! `POST /providers/priorities`: sets the order in which payments try providers, for all of them or some, in one call.
//!
//! - Called by staff with the scope `providers:write`.
//! - Reads `providers`.
//! - Writes them with the lines of their history, all or none; asking again writes nothing.

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
