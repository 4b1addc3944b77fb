//! Running queue, stream and schedule functions: one log line an invocation, panics turned into failures that the
//! platform retries.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use paywarden_store::stores::{InvalidVariable, Stores};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::logging::Invocation;

/// A worker's failure: the platform delivers the event again.
pub type WorkerError = lambda_runtime::Error;

/// Does `job` at every tick of a schedule.
///
/// # Errors
/// When a variable is missing, or the Lambda runtime fails.
pub async fn on_schedule<D, E, H, F>(
    name: &'static str,
    wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    job: H,
) -> Result<(), WorkerError>
where
    D: Send + Sync + 'static,
    H: Fn(&'static D) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send,
    E: Into<WorkerError>,
{
    let deps: &'static D = crate::for_ever(wire(&Stores::of_process())?);
    run(name, move |_tick: serde_json::Value| async move { job(deps).await.map_err(Into::into) }).await
}

/// Hands every event to `handler`, whose answer is the function's.
///
/// # Errors
/// When a variable is missing, or the Lambda runtime fails.
pub async fn on_event<D, E, A, H, F>(
    name: &'static str,
    wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    handler: H,
) -> Result<(), WorkerError>
where
    D: Send + Sync + 'static,
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    H: Fn(&'static D, E) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<A, WorkerError>> + Send,
{
    let deps: &'static D = crate::for_ever(wire(&Stores::of_process())?);
    run(name, move |event| handler(deps, event)).await
}

/// Serves `handler` until the process ends.
pub(crate) async fn run<E, A, H, F>(name: &'static str, handler: H) -> Result<(), WorkerError>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    H: Fn(E) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, WorkerError>> + Send,
{
    run_called(name, move |event, _| handler(event)).await
}

/// Serves `handler`, which wants to know how it was called, until the process ends.
pub(crate) async fn run_called<E, A, H, F>(name: &'static str, handler: H) -> Result<(), WorkerError>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    H: Fn(E, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, WorkerError>> + Send,
{
    crate::logging::init(name);
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<E>| {
        let handler = Arc::clone(&handler);
        async move { serve(event, handler.as_ref()).await }
    }))
    .await
}

async fn serve<E, A, H, F>(event: LambdaEvent<E>, handler: &H) -> Result<A, WorkerError>
where
    H: Fn(E, Context) -> F + Send + Sync,
    F: Future<Output = Result<A, WorkerError>> + Send,
{
    let started = Instant::now();
    let span = Invocation::of_context(&event.context).span("");
    async {
        // Boxed, because what a step awaits is nested deeper than the compiler likes to look.
        let handling = Box::pin(handler(event.payload, event.context));
        let outcome = AssertUnwindSafe(handling).catch_unwind().await;
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
