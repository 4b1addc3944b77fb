//! Sends webhooks and keeps book of the attempts.
//!
//! - Called by the webhook-deliveries queue (first attempts) and the webhook-retries queue.
//! - Reads deliveries and endpoints in `webhooks`, opens the signing secret with KMS (cached), posts to the merchant's
//!   server, books the attempt there and on the transaction's `timeline`, and queues or files the next one.
//! - A receiver that fails is booked and the message is done with: messages come again only for faults of our own. A
//!   crash between posting and booking sends twice, under the same `webhook-id`.

mod attempt;
mod handler;
mod resolver;

use std::sync::Arc;

use attempt::Sender;
use handler::Deps;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::queue::SqsQueue;
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::KmsVault;
use paywarden_store::webhooks::{Deliveries, Endpoints};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let table = env.required("WEBHOOKS_TABLE")?;
    let policy = AddressPolicy::allowing_loopback(env.parsed("WEBHOOK_ALLOW_LOOPBACK")?);
    let clock = Arc::new(SystemClock);
    let deps = Arc::new(Deps {
        endpoints: Endpoints::new(&dynamo, table.clone()),
        deliveries: Deliveries::new(&dynamo, table),
        timeline: Timeline::new(
            &dynamo,
            env.required("TIMELINE_TABLE")?,
            env.parsed("TIMELINE_RETENTION_DAYS")?,
        ),
        vault: Arc::new(KmsVault::new(&config, String::new())),
        retries: Arc::new(SqsQueue::new(&config, env.required("WEBHOOK_RETRIES_QUEUE_URL")?)),
        schedule: env.parsed_with("WEBHOOK_RETRY_SECONDS", RetrySchedule::parse)?,
        sender: Sender::new(policy, attempt::TIME_LIMIT, clock.clone())?,
        clock,
        entropy: Arc::new(SystemEntropy),
    });
    worker::run("deliver-webhooks", move |event| {
        let deps = Arc::clone(&deps);
        async move { Ok(handler::handle(&deps, event).await) }
    })
    .await
}
