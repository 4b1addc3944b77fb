//! `GET /webhook-endpoints/{id}/deliveries`: what a webhook endpoint was told, or is to be.
//!
//! - Called by merchants and engineers with the scope `webhooks:read`.
//! - Reads `webhooks`: the endpoint, then a Query of its deliveries; with filters, several, until the page is full or it was
//!   looked far enough.
//! - Writes nothing.

mod deps;
mod filters;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::WebhooksRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
