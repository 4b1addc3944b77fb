//! `POST /reconciliation/runs`: finance holds a provider's statements against the ledger; and
//! `POST /reconciliation/runs/{id}/cancel`: stops a run.
//!
//! - Called by finance with the scope `reconciliation:write`.
//! - Reads `merchants` and `providers`, and the statements in `reconciliation`; writes the run there and queues it.
//! - The run's id follows from what it compares, so the same request answers the same run; one that failed or was stopped
//!   begins again.

mod cancel;
mod handler;
mod input;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_reconciliation::start::Starter;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::queue::SqsQueue;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
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
    paywarden_lambda_kit::http::run("start-reconciliation", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
