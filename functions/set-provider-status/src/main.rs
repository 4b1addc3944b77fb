//! `POST /providers/{id}/status`: somebody takes a provider out of routing, or lets it in again.
//!
//! - Called by operations with the scope `providers:write`.
//! - Reads the provider and writes it with a line of its history in one atomic write, under the version it read; the
//!   table's stream announces the change.
//! - Sending the same again changes nothing and writes nothing.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::provider_view::ProviderView;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::health::Health;
use paywarden_store::providers::Providers;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let health_table = env.required("PROVIDER_HEALTH_TABLE")?;
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        view: ProviderView {
            health: Health::new(&dynamo, health_table, clock.clone(), &SystemEntropy),
            public_url: PublicUrl::new(env.find("PUBLIC_API_URL")),
        },
        clock,
    });
    paywarden_lambda_kit::http::run("set-provider-status", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
