//! Writes the timeline of what the transactions stream tells.
//!
//! - Called by the stream of `transactions`, at least once and in batches that may be cut anew.
//! - Writes `timeline`, under keys derived from transaction and version, so that a repeat overwrites itself.
//! - A failure fails the whole batch: the platform halves it, tries again, and puts a poison record aside.

mod handler;

use std::sync::Arc;

use paywarden_lambda_kit::config::Env;
use paywarden_lambda_kit::worker::{self, WorkerError};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::timeline::Timeline;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), WorkerError> {
    let env = Env::process();
    let dynamo = Dynamo::new(&paywarden_store::aws::config_from_environment());
    let retention_days = env.parsed("TIMELINE_RETENTION_DAYS")?;
    let timeline = Arc::new(Timeline::new(&dynamo, env.required("TIMELINE_TABLE")?, retention_days));
    worker::run("project-transactions", move |event| {
        let timeline = Arc::clone(&timeline);
        async move { handler::handle(&timeline, event).await }
    })
    .await
}
