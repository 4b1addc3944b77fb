//! Plans the webhooks of changes of providers' status.
//!
//! - Called by the stream of `providers`, at least once and in batches that may be cut anew.
//! - Reads `merchants` (cached) and the endpoints in `webhooks`; writes one frozen delivery per endpoint, provider and
//!   version, then queues a pointer to it.
//! - A repeat finds the deliveries frozen. A failure fails the whole batch: the platform halves it, tries again, and puts a
//!   poison record aside.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::providers::stream::changes;
use paywarden_webhooks::plan::Planner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_stream(env!("CARGO_PKG_NAME"), Planner::of, changes, Planner::plan).await
}

#[cfg(test)]
mod tests;
