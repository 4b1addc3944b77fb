//! Puts the rows of a run into shards.
//!
//! - Called by the queue of runs to begin.
//! - Reads the merchant's `ledger` around the run's days, the statements in `reconciliation` and their rows in the bucket;
//!   writes one file per shard, then the run with its manifest, then queues the shards.
//! - Done again, it reads the ledger as it is then; only the manifest that is written first counts.

mod handler;

use std::sync::Arc;

use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::partition::Partitioner;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::objects::S3Objects;
use paywarden_store::queue::SqsQueue;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let step = Arc::new(Partitioner {
        table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
        objects: Arc::new(S3Objects::new(&config, env.required("RECONCILIATION_BUCKET")?)),
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        ledger: LedgerTable::new(&dynamo, env.required("LEDGER_TABLE")?),
        shards: Arc::new(SqsQueue::new(&config, env.required("RECONCILIATION_SHARDS_QUEUE_URL")?)),
        clock,
        shard_rows: env.parsed("RECONCILIATION_SHARD_ROWS")?,
    });
    worker::run("partition-reconciliation", move |event| {
        let step = Arc::clone(&step);
        async move { Ok(handler::handle(&step, event).await) }
    })
    .await
}
