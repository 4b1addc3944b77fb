//! `POST /callbacks/{provider_id}`: a provider reports.
//!
//! - Called by payment providers, who prove themselves in their own ways; no token.
//! - Reads `providers` (cached) and, through KMS, the provider's credentials (cached). Sends the verified reports to
//!   the transaction-events queue. What is not booked, and a body that cannot be read, are kept on the provider's timeline of
//!   the day. Writes `provider-health`, for each provider once a minute at most what was refused, which is kept nowhere else, and
//!   once what was true; a callback that proves nothing is not counted.
//! - The provider is answered only when its reports are queued durably. It may send them again: applying is idempotent.

mod deps;
mod handler;

use deps::Deps;
use paywarden_lambda_kit::door::OpenDoor;

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve(Deps::of, handler::handle).await
}
