//! Queues the webhooks that are due again.
//!
//! - Called every minute by a schedule.
//! - Reads the `due` index of `webhooks`, longest overdue first; queues a pointer for each and takes it out of the
//!   index.
//! - A crash between the two queues it twice; the sender recognises the second pointer. What one run does not reach,
//!   the next one does.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_webhooks::sweep::Sweeper;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_schedule(env!("CARGO_PKG_NAME"), Sweeper::of, Sweeper::run).await
}

#[cfg(test)]
mod tests;
