//! `POST /reconciliation/statements`: a provider's statement is announced, to be uploaded, or given as it is; and
//! `GET /reconciliation/statements`, all of them or one with its parse report.
//!
//! - Called by finance with the scope `reconciliation:write`, or `reconciliation:read` to look.
//! - Reads `providers`; writes `reconciliation`. An announced file is PUT to the presigned address and read by
//!   `parse-statement`; one that is given here is read at once, and its rows go to the bucket under `parsed/`.
//! - The same bytes given again answer the statement that they are.

mod announce;
mod handler;
mod input;
mod list;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::system::{SystemClock, SystemEntropy};
use paywarden_reconciliation::intake::Intake;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::keys::SecretKeySource;
use paywarden_store::objects::S3Objects;
use paywarden_store::providers::Providers;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let keys = SecretKeySource::new(&config, env.required("CURSOR_KEYS_SECRET_ID")?, clock.clone());
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        intake: Intake {
            table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
            objects: Arc::new(S3Objects::new(&config, env.required("RECONCILIATION_BUCKET")?)),
            clock: clock.clone(),
        },
        cursors: Cursors::new(Arc::new(keys)),
        clock,
        entropy: Arc::new(SystemEntropy),
    });
    paywarden_lambda_kit::http::run("create-statement", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
