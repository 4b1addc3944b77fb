//! `DELETE /clients/{id}`: an API client gets no token any more.
//!
//! - Called by admins with the scope `clients:write`, who cannot revoke themselves.
//! - Reads and writes `clients`, in one write that also holds that a client that asks is still there, and then `sessions`.
//! - Sending the same again answers the same and revokes what sessions are left. Tokens that are out end within ten minutes.

mod deps;
mod handler;

use deps::Deps;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::door::Door;

const DOOR: Door = Door::new(env!("CARGO_PKG_NAME"), Scope::ClientsWrite).changing();

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
