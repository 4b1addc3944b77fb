//! `POST /oauth/token`: client credentials become an access token (RFC 6749, section 4.4).
//!
//! - Called by anybody who has a client id and its secret; throttled at the gateway.
//! - Reads `clients` and `merchants` and the signing keys. Writes of a client when it was last used, once an hour, and beside the
//!   clients how often each failed in a minute.
//! - Asking again issues another token.

mod credentials;
mod deps;
mod form;
mod handler;
mod refusal;

use deps::Deps;
use paywarden_lambda_kit::door::OpenDoor;

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME")).rendering(handler::render);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
