//! `GET /event-types`: what webhooks can tell.
//!
//! - Called by merchants and engineers with the scope `webhooks:read`.
//! - Reads and writes nothing: the events are those of the API document, which is compiled in.

mod deps;
mod document;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::WebhooksRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
