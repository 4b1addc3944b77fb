//! `GET /webhook-endpoints/{id}/replays/{replay_id}`: how far a replay is.
//!
//! - Called by merchants' systems and engineers with the scope `webhooks:read`.
//! - Reads the replay in `webhooks`, where it stays for 30 days.
//! - Writes nothing.

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
