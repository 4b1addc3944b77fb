//! `GET /providers/{id}/unmatched-callbacks`: what a provider reported on one day that fits no transaction, oldest first.
//!
//! - Called by staff with the scope `logs:read`.
//! - Reads `providers` (cached; it says whose it is) and the partitions of `timeline` that the day is in.
//! - Writes nothing.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::providers::Providers;
use paywarden_store::timeline::Timeline;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        timeline: Timeline::new(&dynamo, env.required("TIMELINE_TABLE")?, 0),
        cursors: Cursors::new(Arc::new(keys)),
        clock,
    });
    paywarden_lambda_kit::http::run("list-unmatched-callbacks", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
