//! `PATCH /providers/{id}`: a provider's configuration or credentials change.
//!
//! - Called by operations with the scope `providers:write`; `If-Match` holds it to the version that was seen.
//! - Reads the provider and writes it with a line of its history in one atomic write, under the version it read.
//! - New credentials are sealed with KMS beside those they replace, which stay good for a while.
//! - Sending the same again changes nothing and writes nothing, new credentials aside.

mod credentials;
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
use paywarden_store::vault::KmsVault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let health_table = env.required("PROVIDER_HEALTH_TABLE")?;
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        view: ProviderView {
            health: Health::new(&dynamo, health_table, clock.clone(), &SystemEntropy),
            public_url: PublicUrl::new(env.find("PUBLIC_API_URL")),
        },
        vault: Arc::new(KmsVault::new(&config, env.required("KMS_KEY_ID")?)),
        clock,
        entropy: Arc::new(SystemEntropy),
    });
    paywarden_lambda_kit::http::run("update-provider", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
