//! Matches one shard of a run.
//!
//! - Called by the queue of shards.
//! - Reads the run in `reconciliation` and the shard's rows in the bucket; writes what was decided and what is open to the
//!   bucket, then commits the shard. Whoever commits the last one queues the finish.
//! - Done again, or by two at once, it writes the same bytes.

use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_reconciliation::shard::Matcher;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    batch::serve(env!("CARGO_PKG_NAME"), Matcher::of, Matcher::handle).await
}

#[cfg(test)]
mod tests;
