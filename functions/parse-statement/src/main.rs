//! Takes in the statements that arrive in the bucket.
//!
//! - Called by S3 for every object under `statements/<merchant>/<provider>/`, at least once.
//! - Reads the object, `providers` (is it one of the merchant's?) and what `reconciliation` knows of it; writes the rows to
//!   `parsed/` and the statement to `reconciliation`.
//! - An object that was announced is the statement of that id; any other one is known by its bytes, so that a repeated event
//!   and the same file under another name change nothing.
//! - What stands in a file never fails the function; only tables and files do, and then it is called again.

mod handler;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_reconciliation::intake::Intake;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::objects::S3Objects;
use paywarden_store::providers::Providers;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let clock = Arc::new(SystemClock);
    let config = paywarden_store::aws::config_from_environment();
    let dynamo = Dynamo::new(&config);
    let deps = Arc::new(Deps {
        providers: Providers::new(&dynamo, env.required("PROVIDERS_TABLE")?, clock.clone()),
        intake: Intake {
            table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
            objects: Arc::new(S3Objects::new(&config, env.required("RECONCILIATION_BUCKET")?)),
            clock,
        },
    });
    worker::run("parse-statement", move |event| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, event).await }
    })
    .await
}
