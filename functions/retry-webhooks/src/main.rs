//! Queues the webhooks that are due again, probes of endpoints that are spared, and whatever else lost its message.
//!
//! - Called every minute by a schedule.
//! - Reads the `due` index of `webhooks`, longest overdue first, a page of each shard in turn; holds each delivery or
//!   endpoint there for a quarter of an hour and queues a message for it, in batches.
//! - Behind a crash between the two it is found again when the hold is over. What one run does not reach in its time, the
//!   next one does, which begins with another shard.
//! - Looks in each run at another shard of those who wait for others, and queues a message for each endpoint of which one has waited
//!   far too long.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_webhooks::sweep::Sweeper;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_schedule(env!("CARGO_PKG_NAME"), Sweeper::of, Sweeper::run).await
}

#[cfg(test)]
mod tests;
