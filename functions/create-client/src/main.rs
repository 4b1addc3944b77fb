//! `POST /clients`: somebody is to call the API.
//!
//! - Called by admins with the scope `clients:write`, who give no more than their own token has.
//! - Reads and writes `clients`; the secret is made here, kept as a hash, and shown this once.
//! - Sending the same again makes another client; a merchant has at most two hundred.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ClientsWrite).creating();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
