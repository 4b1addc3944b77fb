//! `GET /sessions`: who of a merchant's clients and people goes on without signing in again.
//!
//! - Called by admins with the scope `clients:write`.
//! - Reads `sessions`, one page of an index.
//! - Writes nothing, and never shows a token.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ClientsWrite);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
