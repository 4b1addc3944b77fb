//! Puts the rows of a run into shards.
//!
//! - Called by the queue of runs to begin.
//! - Reads the merchant's `ledger` around the run's days, the statements in `reconciliation` and their rows in the bucket;
//!   writes one file per shard, then the run with its manifest, then queues the shards.
//! - Done again, it reads the ledger as it is then; only the manifest that is written first counts.

use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_reconciliation::partition::Partitioner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    batch::serve(env!("CARGO_PKG_NAME"), Partitioner::of, Partitioner::handle).await
}

#[cfg(test)]
mod tests;
