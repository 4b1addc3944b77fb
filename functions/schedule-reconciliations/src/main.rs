//! Starts the runs that are due.
//!
//! - Called every fifteen minutes by a schedule.
//! - Reads all `providers`, `merchants`, and the statements that came in the last weeks in `reconciliation`; writes a run and
//!   queues it for every day whose books have closed and that a statement tells of.
//! - A run's id follows from what it compares: it is started once, however often this is called, and again under another id
//!   when a statement comes late or anew.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::start::Starter;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::queue::SqsQueue;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let deps = Arc::new(Deps {
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        starter: Starter {
            table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
            queue: Arc::new(SqsQueue::new(&config, env.required("RECONCILIATION_RUNS_QUEUE_URL")?)),
            clock,
        },
    });
    worker::run("schedule-reconciliations", move |_: serde_json::Value| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps).await }
    })
    .await
}
