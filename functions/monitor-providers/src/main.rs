//! Takes failing providers out of routing, and lets them in again.
//!
//! - Called every minute by a schedule.
//! - Reads all `providers`, what happened to each in `provider-health` since the last run, and every five minutes the stuck
//!   payments of each merchant from `transactions`. Writes what it remembers, if that changed; and a provider with a line of
//!   its history in one atomic write, under the version it read, when it decides.
//! - Two runs at a time decide the same; the second one's write finds another version and is dropped.

mod handler;
mod stuck;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::health::Health;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let health_table = env.required("PROVIDER_HEALTH_TABLE")?;
    let deps = Arc::new(Deps {
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        health: Health::new(&dynamo, health_table, clock.clone(), &SystemEntropy),
        transactions: Transactions::new(&dynamo, env.required("TRANSACTIONS_TABLE")?, String::new()),
        clock,
    });
    worker::run("monitor-providers", move |_schedule: serde_json::Value| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps).await }
    })
    .await
}
