//! `DELETE /webhook-endpoints/{id}`: a merchant does not want to be told any more.
//!
//! - Called by merchants and engineers with the scope `webhooks:write`; `If-Match` holds it to the version that was seen.
//! - Reads the endpoint in `webhooks` and deletes it, with its secret and how it did.
//! - Deliveries that are under way end when their turn comes; a message in the queue of retries ends those that are parked.
//! - Sending the same again finds nothing.

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
