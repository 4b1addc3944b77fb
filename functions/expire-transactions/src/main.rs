//! Ends open payments whose time has run out.
//!
//! - Called every minute by a schedule.
//! - Reads the `by-expiry` index of `transactions`, over all merchants, longest overdue first; writes each record that is
//!   still open once, under the version it read.
//! - What one run does not reach, the next one does. Two runs at a time write each record once.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let transactions = Transactions::new(&dynamo, env.required("TRANSACTIONS_TABLE")?, String::new());
    let deps = Arc::new(Deps { transactions, clock: Arc::new(SystemClock) });
    worker::run("expire-transactions", move |_schedule: serde_json::Value| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps).await }
    })
    .await
}
