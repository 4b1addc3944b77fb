//! Finishes runs: what the shards left is matched, the report written, what somebody has to look at becomes exceptions.
//!
//! - Called by the queue of runs to finish.
//! - Reads the shards' files in the bucket and the provider's open exceptions in `reconciliation`; writes the report to the
//!   bucket and exceptions, then completes the run and retires the one before, in one atomic write.
//! - Done again before that write, all of it comes to the same; behind it, nothing is done.

use paywarden_lambda_kit::batch;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_reconciliation::finish::Finisher;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    batch::serve(env!("CARGO_PKG_NAME"), Finisher::of, Finisher::handle).await
}

#[cfg(test)]
mod tests;
