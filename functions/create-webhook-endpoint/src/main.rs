//! `POST /webhook-endpoints`: a merchant wants to be told.
//!
//! - Called by merchants' systems and engineers with the scope `webhooks:write`.
//! - Reads and writes `webhooks`; the signing secret is made here, sealed with KMS, and shown this once.
//! - With `test`, a test event is frozen, and queued among the retries.
//! - Sending the same again makes another endpoint; a merchant has at most twenty.

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
