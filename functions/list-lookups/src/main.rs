//! `GET /lookups?kind=`: the ids of statuses and payment methods, with what they stand for.
//!
//! - Called by anybody with the scope `transactions:read`.
//! - Reads and writes nothing: the ids are derived from the words.

mod handler;

use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::TransactionsRead);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(|_| Ok(()), handler::handle).await
}
