//! `GET /providers/{id}` and `GET /providers/{id}/history`: one provider, and what was changed about it by whom.
//!
//! - Called by staff with the scope `providers:read`.
//! - Reads `providers` (one GetItem, and one Query for the history) and `provider-health` (one Query).
//! - Writes nothing, and never shows a secret: it cannot open any.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::provider_view::ProviderView;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::health::Health;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::providers::Providers;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let health_table = env.required("PROVIDER_HEALTH_TABLE")?;
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        view: ProviderView {
            health: Health::new(&dynamo, health_table, clock.clone(), &SystemEntropy),
            public_url: PublicUrl::new(env.find("PUBLIC_API_URL")),
        },
        cursors: Cursors::new(Arc::new(keys)),
        clock,
    });
    paywarden_lambda_kit::http::run("get-provider", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
