//! `GET /providers/sequence`: which provider a payment goes to first, and why.
//!
//! - Called by staff with the scope `providers:read`.
//! - Reads `providers`: one Query.
//! - Writes nothing.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::providers::Providers;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let providers = Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone());
    let deps = Arc::new(Deps { providers, clock });
    paywarden_lambda_kit::http::run("sequence-providers", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
