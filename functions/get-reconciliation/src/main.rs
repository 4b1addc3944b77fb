//! `GET /reconciliation`: the finance view. Totals of debits and credits, and the Transfer, Fee, Tax and Refund rows behind
//! them, as JSON or CSV.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads `totals`, whose cost grows with days and dimensions and not with transactions; and a page of `ledger`.
//! - Writes nothing.

mod filters;
mod handler;
mod rows;
mod totals;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::ledger::LedgerTable;
use paywarden_store::merchants::Merchants;
use paywarden_store::totals::TotalsTable;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        totals: TotalsTable::new(&dynamo, env.required("TOTALS_TABLE")?, clock.clone()),
        ledger: LedgerTable::new(&dynamo, env.required("LEDGER_TABLE")?),
        cursors: Cursors::new(Arc::new(keys)),
        clock,
    });
    paywarden_lambda_kit::http::run("get-reconciliation", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
