//! Plans the webhooks of what the transactions stream tells.
//!
//! - Called by the stream of `transactions`, at least once and in batches that may be cut anew.
//! - Reads `merchants` (cached) and the endpoints in `webhooks`; writes one frozen delivery per endpoint, transaction
//!   and version, then queues a pointer to it.
//! - A repeat finds the deliveries frozen and at worst queues a pointer again, which the sender recognises. A failure
//!   fails the whole batch: the platform halves it, tries again, and puts a poison record aside.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::queue::SqsQueue;
use paywarden_store::webhooks::{Deliveries, Endpoints};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let table = env.required("WEBHOOKS_TABLE")?;
    let deps = Arc::new(Deps {
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        endpoints: Endpoints::new(&dynamo, table.clone()),
        deliveries: Deliveries::new(&dynamo, table),
        queue: Arc::new(SqsQueue::new(&config, env.required("WEBHOOK_DELIVERIES_QUEUE_URL")?)),
        clock,
    });
    worker::run("dispatch-transaction-webhooks", move |event| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, event).await }
    })
    .await
}
