//! `PATCH /providers/{id}`: a provider's configuration or credentials change.
//!
//! - Called by operations with the scope `providers:write`; `If-Match` holds it to the version that was seen.
//! - Reads the provider and writes it with a line of its history in one atomic write, under the version it read.
//! - New credentials are sealed with KMS beside those they replace, which stay good for a while.
//! - Sending the same again changes nothing and writes nothing, new credentials aside.

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
