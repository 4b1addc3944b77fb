//! `POST /oauth/token`: client credentials, the refresh token of a session (RFC 6749, sections 4.4 and 6), or the ID token of a
//! person (RFC 8693) become an access token.
//!
//! - Called by anybody who has a client id and its secret, a refresh token or an ID token; throttled at the gateway.
//! - Reads `clients`, `sessions` and `merchants` and the signing keys. Writes sessions as they begin and go on, of a client when it
//!   was last used, once an hour, and beside the clients how often each failed in a minute. Reads the identity provider's keys over
//!   the network when somebody comes with an ID token.
//! - Asking again with credentials issues another token. With a refresh token that was used it gives the same next one for half a
//!   minute; after that it ends the session.

mod authenticate;
mod bearer;
mod client_credentials;
mod credentials;
mod deps;
mod exchange;
mod grant;
mod handler;
mod identity;
mod refresh;
mod refusal;
mod scopes;

use deps::Deps;
use paywarden_lambda_kit::door::OpenDoor;

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME")).rendering(handler::render);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
