//! `POST /callbacks/replay`: a callback that was kept is read again by today's adapter.
//!
//! - Called by engineers with the scope `logs:read`; applying needs `providers:write` as well.
//! - Reads `transactions`, `timeline` and `providers`. Sends to the transaction-events queue when it is to be applied.
//! - The signature was judged when the callback came, and the trust it had then is the trust it has now. Applying what was
//!   applied before changes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::LogsRead).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
