//! `GET /provider-types`: which kinds of provider there are, and what each asks for.
//!
//! - Called by staff and consoles with the scope `providers:read`; forms are built from it.
//! - Reads no table: the adapters know.

mod handler;

use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ProvidersRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(|_| Ok(()), handler::handle).await
}
