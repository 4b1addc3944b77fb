//! Plans the webhooks of what the transactions stream tells.
//!
//! - Called by the stream of `transactions`, at least once and in batches that may be cut anew.
//! - Reads `merchants` (cached) and the endpoints in `webhooks`; writes one frozen delivery per endpoint, transaction
//!   and version, which the sweep finds whatever happens behind that, then queues pointers to them in batches.
//! - A record or a merchant that cannot be read is passed over, logged and counted: no other waits for it.
//! - A repeat finds the deliveries frozen and at worst queues a pointer again, which the sender recognises. When a table or
//!   the queue is out of reach the whole batch fails: the platform halves it, tries again, and puts it aside.

use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::transactions::stream::readable_changes;
use paywarden_webhooks::plan::Planner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    worker::on_stream(env!("CARGO_PKG_NAME"), Planner::of, readable_changes, Planner::plan).await
}

#[cfg(test)]
mod tests;
