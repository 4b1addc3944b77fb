//! `POST /transactions`: merchants record payments, one or up to a hundred at a time.
//!
//! - Called by merchants' systems with the scope `transactions:write`.
//! - Reads `merchants` and `providers` (both cached); writes `transactions`, with `provider-references` in the same
//!   atomic write when the provider's id of the payment is known. A record that is there is read only after the write
//!   found it.
//! - Sending the same again answers the same record: its id is derived from merchant, reference and occurrence.

mod deps;
mod handler;
mod input;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsWrite);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
