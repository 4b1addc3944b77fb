//! Applies providers' reports to transactions.
//!
//! - Called by the transaction-events queue.
//! - Reads and writes `transactions` (one conditional write a report) and `provider-references`; reads `providers`
//!   (cached) for what they charge, and `merchants` when a record is opened; writes to `timeline` what changes no state: raw messages, held and ignored reports.
//! - A message may come again at any time: the record's state does not depend on it, and timeline entries overwrite
//!   themselves.

mod apply;
mod handler;
mod notes;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let deps = Arc::new(Deps {
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        transactions: Transactions::new(
            &dynamo,
            env.required("TRANSACTIONS_TABLE")?,
            env.required("PROVIDER_REFERENCES_TABLE")?,
        ),
        timeline: Timeline::new(
            &dynamo,
            env.required("TIMELINE_TABLE")?,
            env.parsed("TIMELINE_RETENTION_DAYS")?,
        ),
        clock,
    });
    worker::run("apply-transaction-events", move |event| {
        let deps = Arc::clone(&deps);
        async move { Ok(handler::handle(&deps, event).await) }
    })
    .await
}
