//! Writes the timeline of what the transactions stream tells, and keeps the running totals.
//!
//! - Called by the stream of `transactions`, at least once and in batches that may be cut anew.
//! - Writes `timeline`, under keys derived from transaction and version, so that a repeat overwrites itself;
//!   `ledger`, whose rows follow from the record, so that a repeat overwrites them; `provider-health`, for monitoring, where counting twice does no harm; and
//!   `totals`, with a marker for each transaction and version in the same atomic write, so that each counts once.
//! - A failure fails the whole batch: the platform halves it, tries again, and puts a poison record aside.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::health::Health;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::timeline::Timeline;
use paywarden_store::totals::TotalsTable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let retention_days = env.parsed("TIMELINE_RETENTION_DAYS")?;
    let deps = Arc::new(Deps {
        timeline: Timeline::new(&dynamo, env.required("TIMELINE_TABLE")?, retention_days),
        ledger: LedgerTable::new(&dynamo, env.required("LEDGER_TABLE")?),
        health: Health::new(
            &dynamo,
            env.required("PROVIDER_HEALTH_TABLE")?,
            Arc::new(SystemClock),
            &SystemEntropy,
        ),
        totals: TotalsTable::new(&dynamo, env.required("TOTALS_TABLE")?, Arc::new(SystemClock)),
    });
    worker::run("project-transactions", move |event| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, event).await }
    })
    .await
}
