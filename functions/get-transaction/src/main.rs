//! `GET /transactions/record/{reference}`: one transaction by the merchant's reference.
//!
//! - Called by merchants and staff with the scope `transactions:read`.
//! - Reads `transactions`: one consistent GetItem, a second one only when the reference has several occurrences.
//! - Writes nothing.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::transactions::Transactions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let transactions = Transactions::new(&dynamo, env.required("TRANSACTIONS_TABLE")?, String::new());
    let deps = Arc::new(Deps { transactions, clock: Arc::new(SystemClock) });
    paywarden_lambda_kit::http::run("get-transaction", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
