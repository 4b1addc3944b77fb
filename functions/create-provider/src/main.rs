//! `POST /providers`: a merchant connects a payment provider.
//!
//! - Called by operations with the scope `providers:write`.
//! - Reads `providers` (how many there are) and writes it: the provider and the first line of its history in one atomic
//!   write. Credentials are sealed with KMS under merchant and provider, and shown to nobody again.
//! - Sending the same again adds another provider; several may serve the same service.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::providers::Providers;
use paywarden_store::vault::KmsVault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        vault: Arc::new(KmsVault::new(&config, env.required("KMS_KEY_ID")?)),
        public_url: PublicUrl::new(env.find("PUBLIC_API_URL")),
        clock,
        entropy: Arc::new(SystemEntropy),
    });
    paywarden_lambda_kit::http::run("create-provider", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
