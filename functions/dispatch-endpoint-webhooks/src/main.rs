//! Plans the webhooks of endpoints that were switched off: a merchant's other endpoints are told.
//!
//! - Called by the stream of `webhooks`, at least once and in batches that may be cut anew; the platform leaves out all that is
//!   no endpoint which is off, for deliveries are most of what is written there.
//! - Reads `merchants` (cached) and the endpoints in `webhooks`; writes one frozen delivery per endpoint, endpoint that was switched
//!   off and version, then queues pointers to them in batches.
//! - A record that cannot be read, or whose merchant or endpoints cannot, is put into the bucket of what streams could not bring
//!   on, logged and counted: no other waits for it. It is the last, when all else of its batch is planned.
//! - A repeat finds the deliveries frozen and at worst queues a pointer again, which the sender recognises. When a table or
//!   the queue is out of reach the whole batch fails: the platform halves it, tries again for two hours, and puts it there too.

use paywarden_lambda_kit::stream;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::webhooks::stream::switched_off;
use paywarden_webhooks::plan::Planner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    stream::serve(env!("CARGO_PKG_NAME"), Planner::of, switched_off, Planner::plan).await
}

#[cfg(test)]
mod tests;
