//! `GET /merchant`: the merchant that the caller acts for, with its settings.
//!
//! - Called by clients of every role: each of them has the scope `transactions:read`.
//! - Reads `merchants`, one item as it is now.
//! - Writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
