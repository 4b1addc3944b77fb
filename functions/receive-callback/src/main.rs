//! `POST /callbacks/{provider_id}`: a provider reports.
//!
//! - Called by payment providers, who prove themselves in their own ways; no token.
//! - Reads `providers` (cached) and, through KMS, the provider's credentials (cached). Sends the verified reports to
//!   the transaction-events queue. A body that cannot be read is kept on the provider's timeline of the day. Writes
//!   `provider-health`, once a minute and provider at most; a refused callback writes nothing.
//! - The provider is answered only when its reports are queued durably. It may send them again: applying is idempotent.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::health::Health;
use paywarden_store::providers::Providers;
use paywarden_store::queue::SqsQueue;
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::KmsVault;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        timeline: Timeline::new(
            &dynamo,
            env.required("TIMELINE_TABLE")?,
            env.parsed("TIMELINE_RETENTION_DAYS")?,
        ),
        vault: Arc::new(KmsVault::new(&config, String::new())),
        health: Health::new(&dynamo, env.required("PROVIDER_HEALTH_TABLE")?, clock.clone(), &SystemEntropy),
        public_url: PublicUrl::new(env.find("PUBLIC_API_URL")),
        events: Arc::new(SqsQueue::new(&config, env.required("TRANSACTION_EVENTS_QUEUE_URL")?)),
        clock,
    });
    paywarden_lambda_kit::http::run("receive-callback", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
