//! `GET /webhook-endpoints`: a merchant's webhook endpoints.
//!
//! - Called by merchants and engineers with the scope `webhooks:read`.
//! - Reads `webhooks`: one Query, whatever the page.
//! - Writes nothing, and never shows a secret.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::webhooks::Endpoints;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        endpoints: Endpoints::new(&Dynamo::new(&config), env.required("WEBHOOKS_TABLE")?),
        cursors: Cursors::new(Arc::new(keys)),
        clock,
    });
    paywarden_lambda_kit::http::run("list-webhook-endpoints", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
