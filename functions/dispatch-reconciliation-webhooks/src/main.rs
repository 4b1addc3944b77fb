//! Plans the webhooks of reconciliation runs that ended.
//!
//! - Called by the stream of `reconciliation`, at least once and in batches that may be cut anew.
//! - Reads `merchants` (cached) and the endpoints in `webhooks`; writes one frozen delivery per endpoint, run and version,
//!   then queues a pointer to it.
//! - A repeat finds the deliveries frozen. A failure fails the whole batch: the platform halves it, tries again, and puts a
//!   poison record aside.

mod handler;

use std::sync::Arc;

use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::dispatch::Planner;
use paywarden_lambda_kit::worker::{self, WorkerError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let planner = Arc::new(Planner::from_environment(&Env::process())?);
    worker::run("dispatch-reconciliation-webhooks", move |event| {
        let planner = Arc::clone(&planner);
        async move { handler::handle(&planner, event).await }
    })
    .await
}
