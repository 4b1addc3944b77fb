//! Gives runs up whose work failed for good, so that nobody waits for them.
//!
//! - Called by the queue of work that failed as often as it may.
//! - Reads and writes the run in `reconciliation`, on condition that it has not ended; its stream then tells the merchant.
//! - Work that is none stays in the queue, where an alarm sees it.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let deps = Arc::new(Deps {
        table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
        clock: Arc::new(SystemClock),
    });
    worker::run("fail-reconciliations", move |event| {
        let deps = Arc::clone(&deps);
        async move { Ok(handler::handle(&deps, event).await) }
    })
    .await
}
