//! `POST /webhook-endpoints/{id}/replay`: a merchant wants some deliveries sent again.
//!
//! - Called by merchants' systems and engineers with the scope `webhooks:write`.
//! - Reads the endpoint and counts its deliveries in `webhooks`; of a transaction it reads in `transactions` when it lived.
//! - Writes the replay into `webhooks`, then queues its first step; `deliver-webhooks` makes the steps.
//! - Sending the same again without an `Idempotency-Key` makes another replay, which sends them once more.

mod deps;
mod handler;
mod input;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::WebhooksWrite).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
