//! Finishes runs: what the shards left is matched, the report written, what somebody has to look at becomes exceptions.
//!
//! - Called by the queue of runs to finish.
//! - Reads the shards' files in the bucket and the provider's open exceptions in `reconciliation`; writes the report to the
//!   bucket and exceptions, then completes the run and retires the one before, in one atomic write.
//! - Done again before that write, all of it comes to the same; behind it, nothing is done.

mod handler;

use std::sync::Arc;

use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::finish::Finisher;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::objects::S3Objects;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let step = Arc::new(Finisher {
        table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
        objects: Arc::new(S3Objects::new(&config, env.required("RECONCILIATION_BUCKET")?)),
        clock: Arc::new(SystemClock),
    });
    worker::run("finish-reconciliation", move |event| {
        let step = Arc::clone(&step);
        async move { Ok(handler::handle(&step, event).await) }
    })
    .await
}
