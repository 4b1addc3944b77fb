//! Gives runs up whose work failed for good, so that nobody waits for them.
//!
//! - Called by the queue of work that failed as often as it may.
//! - Reads and writes the run in `reconciliation`, on condition that it has not ended; its stream then tells the merchant.
//! - Work that is none stays in the queue, where an alarm sees it.

use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_reconciliation::work::Abandoner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    batch::serve(env!("CARGO_PKG_NAME"), Abandoner::of, Abandoner::abandon).await
}

#[cfg(test)]
mod tests;
