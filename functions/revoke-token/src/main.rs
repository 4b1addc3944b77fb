//! `POST /oauth/revoke`: whoever holds a refresh token ends its session (RFC 7009).
//!
//! - Called by anybody; the token is the proof. Throttled at the gateway.
//! - Reads and writes `sessions`.
//! - Sending the same again answers the same: what is no token any more is revoked.
//!   Access tokens that are out end within ten minutes.

mod deps;
mod handler;

use deps::Deps;
use paywarden_lambda_kit::door::OpenDoor;

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
