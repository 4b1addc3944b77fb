//! `DELETE /providers/{id}`: deletes a provider that never carried a payment, with its credentials.
//!
//! - Called by staff with the scope `providers:write`.
//! - Reads `providers`, `provider-health`, `merchants` (cached) and one index of `transactions`.
//! - Deletes the provider and writes the last line of its history, or neither. Asking again finds nothing.

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
