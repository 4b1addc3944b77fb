//! Running queue, stream and schedule functions: one log line an invocation, panics turned into failures that the
//! platform retries.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::logging::Invocation;

/// A worker's failure: the platform delivers the event again.
pub type WorkerError = lambda_runtime::Error;

/// Serves `handler` until the process ends.
///
/// # Errors
/// When the Lambda runtime fails.
pub async fn run<E, A, H, F>(service: &'static str, handler: H) -> Result<(), WorkerError>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    H: Fn(E) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, WorkerError>> + Send,
{
    crate::logging::init(service);
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<E>| {
        let handler = Arc::clone(&handler);
        async move { serve(event, handler.as_ref()).await }
    }))
    .await
}

async fn serve<E, A, H, F>(event: LambdaEvent<E>, handler: &H) -> Result<A, WorkerError>
where
    H: Fn(E) -> F + Send + Sync,
    F: Future<Output = Result<A, WorkerError>> + Send,
{
    let started = Instant::now();
    let span = Invocation::of_context(&event.context).span("");
    async {
        let outcome = AssertUnwindSafe(handler(event.payload)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| Err("the handler panicked".into()));
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &outcome {
            Ok(_) => tracing::info!(latency_ms, "invocation done"),
            Err(error) => tracing::error!(latency_ms, error_detail = error.to_string(), "invocation failed"),
        }
        outcome
    }
    .instrument(span)
    .await
}
