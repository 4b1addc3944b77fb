//! `GET /webhook-endpoints/{id}`: a webhook endpoint, and how it does.
//!
//! - Called by merchants and engineers with the scope `webhooks:read`.
//! - Reads `webhooks`: the endpoint, how it does, and how many deliveries are parked.
//! - Writes nothing, and never shows a secret.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::WebhooksRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
