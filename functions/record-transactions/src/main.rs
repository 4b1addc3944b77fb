//! `POST /transactions`: merchants record payments, one or up to a hundred at a time.
//!
//! - Called by merchants' systems with the scope `transactions:write`.
//! - Reads `merchants` and `providers` (both cached); writes `transactions`, with `provider-references` in the same
//!   atomic write when the provider's id of the payment is known. A record that is there is read only after the write
//!   found it.
//! - Sending the same again answers the same record: its id is derived from merchant, reference and occurrence.

mod handler;
mod input;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
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
        clock,
        entropy: Arc::new(SystemEntropy),
    });
    paywarden_lambda_kit::http::run("record-transactions", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
