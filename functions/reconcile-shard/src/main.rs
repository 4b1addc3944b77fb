//! Matches one shard of a run.
//!
//! - Called by the queue of shards.
//! - Reads the run in `reconciliation` and the shard's rows in the bucket; writes what was decided and what is open to the
//!   bucket, then commits the shard. Whoever commits the last one queues the finish.
//! - Done again, or by two at once, it writes the same bytes.

mod handler;

use std::sync::Arc;

use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::shard::Matcher;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::objects::S3Objects;
use paywarden_store::queue::SqsQueue;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let step = Arc::new(Matcher {
        table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
        objects: Arc::new(S3Objects::new(&config, env.required("RECONCILIATION_BUCKET")?)),
        finishes: Arc::new(SqsQueue::new(&config, env.required("RECONCILIATION_FINISHES_QUEUE_URL")?)),
        clock: Arc::new(SystemClock),
    });
    worker::run("reconcile-shard", move |event| {
        let step = Arc::clone(&step);
        async move { Ok(handler::handle(&step, event).await) }
    })
    .await
}
