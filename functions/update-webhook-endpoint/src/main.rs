//! `PATCH /webhook-endpoints/{id}`: a webhook endpoint is changed, made to wait, or told again.
//!
//! - Called by merchants and engineers with the scope `webhooks:write`; `If-Match` holds it to the version that was seen.
//! - Reads the endpoint in `webhooks` and writes it under the version it read.
//! - Whoever says that it is `ENABLED` has what is parked sent: a message in the queue of retries asks for it.
//! - Sending the same again changes nothing and writes nothing; the message does no harm.

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
