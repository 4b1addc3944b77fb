//! `POST /reconciliation/exceptions`: somebody takes exceptions on, has dealt with them, or says that they are none.
//!
//! - Called by finance with the scope `reconciliation:write`; one as an object, many as an array or as CSV.
//! - Reads and writes exceptions in `reconciliation`, each on condition that it is still the one that was read.
//! - Every change keeps who, when and why. Saying the same again about what is closed is refused, and changes nothing.

mod deps;
mod handler;
mod input;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ReconciliationWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
