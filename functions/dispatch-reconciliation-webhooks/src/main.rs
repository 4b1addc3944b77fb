//! Plans the webhooks of reconciliation runs that ended.
//!
//! - Called by the stream of `reconciliation`, at least once and in batches that may be cut anew.
//! - Reads `merchants` (cached) and the endpoints in `webhooks`; writes one frozen delivery per endpoint, run and version,
//!   then queues a pointer to it.
//! - A repeat finds the deliveries frozen. A failure fails the whole batch: the platform halves it, tries again, and puts a
//!   poison record aside.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::reconciliation::stream::ended_runs;
use paywarden_webhooks::plan::Planner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_stream(env!("CARGO_PKG_NAME"), Planner::of, ended_runs, Planner::plan).await
}

#[cfg(test)]
mod tests;
