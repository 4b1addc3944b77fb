//! `POST /reconciliation/exceptions/decisions`: one decision about every exception that a filter covers, once it was said how many
//! these are.
//!
//! - Called by finance with the scope `reconciliation:write`.
//! - Reads `providers`, and the exceptions in `reconciliation` as `GET /reconciliation/exceptions` does; writes a thousand of them
//!   at the most, each on condition that it is still the one that was read.
//! - Every change keeps who, when and why. A repeat finds that nothing, or less, is left to decide, and is refused with both numbers.

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
