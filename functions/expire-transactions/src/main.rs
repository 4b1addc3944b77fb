//! Ends open payments whose time has run out.
//!
//! - Called every minute by a schedule.
//! - Reads the `by-expiry` index of `transactions`, over all merchants, longest overdue first; writes each record that is
//!   still open once, under the version it read.
//! - What one run does not reach, the next one does. Two runs at a time write each record once.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_payments::expire::Expirer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_schedule(env!("CARGO_PKG_NAME"), Expirer::of, Expirer::run).await
}

#[cfg(test)]
mod tests;
