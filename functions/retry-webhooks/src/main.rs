//! Queues the webhooks that are due again.
//!
//! - Called every minute by a schedule.
//! - Reads the `due` index of `webhooks`, longest overdue first; queues a pointer for each and takes it out of the
//!   index.
//! - A crash between the two queues it twice; the sender recognises the second pointer. What one run does not reach,
//!   the next one does.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::queue::SqsQueue;
use paywarden_store::webhooks::Deliveries;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let config = paywarden_store::aws::config_from_environment();
    let deps = Arc::new(Deps {
        deliveries: Deliveries::new(&Dynamo::new(&config), env.required("WEBHOOKS_TABLE")?),
        retries: Arc::new(SqsQueue::new(&config, env.required("WEBHOOK_RETRIES_QUEUE_URL")?)),
        clock: Arc::new(SystemClock),
    });
    worker::run("retry-webhooks", move |_schedule: serde_json::Value| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps).await }
    })
    .await
}
