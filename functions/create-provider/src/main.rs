//! `POST /providers`: a merchant connects a payment provider.
//!
//! - Called by operations with the scope `providers:write`.
//! - Reads `providers` (how many there are) and writes it: the provider and the first line of its history in one atomic
//!   write. Credentials are sealed with KMS under merchant and provider, and shown to nobody again.
//! - Sending the same again adds another provider; several may serve the same service.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ProvidersWrite).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
