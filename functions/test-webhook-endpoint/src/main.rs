//! `POST /webhook-endpoints/{id}/test`: somebody tries a webhook endpoint out.
//!
//! - Called by merchants and engineers with the scope `webhooks:write`.
//! - Reads the endpoint in `webhooks`; writes a delivery there, which the index remembers, then queues its first attempt.
//! - Sending the same again sends another event.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::WebhooksWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
