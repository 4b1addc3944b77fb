//! `POST /callbacks/replay`: a callback that was kept is read again by today's adapter.
//!
//! - Called by engineers with the scope `logs:read`; applying needs `providers:write` as well.
//! - Reads `transactions`, `timeline` and `providers`. Sends to the transaction-events queue when it is to be applied.
//! - The signature was judged when the callback came, and the trust it had then is the trust it has now. Applying what was
//!   applied before changes nothing.

mod handler;
mod reading;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::providers::Providers;
use paywarden_store::queue::SqsQueue;
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let deps = Arc::new(Deps {
        transactions: Transactions::new(&dynamo, env.required("TRANSACTIONS_TABLE")?, String::new()),
        timeline: Timeline::new(&dynamo, env.required("TIMELINE_TABLE")?, 0),
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        events: Arc::new(SqsQueue::new(&config, env.required("TRANSACTION_EVENTS_QUEUE_URL")?)),
        clock,
    });
    paywarden_lambda_kit::http::run("replay-callback", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
