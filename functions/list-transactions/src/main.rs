//! `GET /transactions`: a merchant's transactions, filtered, newest first, page by page, as JSON or CSV.
//!
//! - Called by merchants and staff with the scope `transactions:read`.
//! - Reads `merchants` (cached) and one index of `transactions`.
//! - Writes nothing.

mod export;
mod filters;
mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::merchants::Merchants;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
        transactions: Transactions::new(&dynamo, env.required("TRANSACTIONS_TABLE")?, String::new()),
        cursors: Cursors::new(Arc::new(keys)),
        dynamo,
        clock,
    });
    paywarden_lambda_kit::http::run("list-transactions", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
