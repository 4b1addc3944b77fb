//! `POST /reconciliation/exceptions`: somebody takes exceptions on, has dealt with them, or says that they are none.
//!
//! - Called by finance with the scope `reconciliation:write`; one as an object, many as an array or as CSV.
//! - Reads and writes exceptions in `reconciliation`, each on condition that it is still the one that was read.
//! - Every change keeps who, when and why. Saying the same again about what is closed is refused, and changes nothing.

mod handler;
mod input;

use std::sync::Arc;

use handler::Deps;
use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::reconciliation::Reconciliation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let env = Env::process();
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let deps = Arc::new(Deps {
        table: Reconciliation::new(&dynamo, env.required("RECONCILIATION_TABLE")?),
        clock: Arc::new(SystemClock),
    });
    paywarden_lambda_kit::http::run("resolve-exceptions", move |request| {
        let deps = Arc::clone(&deps);
        async move { handler::handle(&deps, request).await }
    })
    .await
}
