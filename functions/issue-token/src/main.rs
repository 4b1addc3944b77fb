//! `POST /oauth/token`: client credentials, or the refresh token of a session, become an access token (RFC 6749, sections 4.4
//! and 6).
//!
//! - Called by anybody who has a client id and its secret, or a refresh token; throttled at the gateway.
//! - Reads `clients`, `sessions` and `merchants` and the signing keys. Writes sessions as they begin and go on, of a client when it
//!   was last used, once an hour, and beside the clients how often each failed in a minute.
//! - Asking again with credentials issues another token. With a refresh token that was used it gives the same next one for half a
//!   minute; after that it ends the session.

mod authenticate;
mod client_credentials;
mod credentials;
mod deps;
mod grant;
mod handler;
mod refresh;
mod refusal;

use deps::Deps;
use paywarden_lambda_kit::door::OpenDoor;

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME")).rendering(handler::render);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
