//! The authorizer: an access token becomes a caller.
//!
//! - Called by the gateway before every route but the token's, the callbacks and the API document; its answer is kept
//!   there for up to a minute.
//! - Reads the signing keys (cached), and no table.
//! - Writes nothing.

mod deps;
mod handler;

use deps::Deps;
use paywarden_lambda_kit::worker::{self, WorkerError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_event(env!("CARGO_PKG_NAME"), Deps::of, handler::handle).await
}
