//! `GET /reconciliation/runs/{id}/exceptions`: what a run found, as it stands now.
//!
//! - Called by finance with the scope `reconciliation:read`.
//! - Reads the run, the list of its findings and the exceptions in `reconciliation`.
//! - Writes nothing.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
        cursors: Cursors::new(Arc::new(keys)),
        clock,
    });
    paywarden_lambda_kit::http::run("list-exceptions", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
