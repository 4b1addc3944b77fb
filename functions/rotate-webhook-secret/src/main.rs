//! `POST /webhook-endpoints/{id}/rotate-secret`: a webhook endpoint gets another signing secret.
//!
//! - Called by merchants and engineers with the scope `webhooks:write`.
//! - Reads the endpoint in `webhooks` and writes it under the version it read; the secret is made here, sealed with KMS beside
//!   the one before, and shown this once. The one before signs along for a while.
//! - Opens the secret that is there, so that a request that was cut off behind the write does not rotate twice.
//! - Sending the same again makes another secret; the one before the last is over then.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::WebhooksWrite).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
