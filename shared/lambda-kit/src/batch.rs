//! Queue batches: each message is handled by itself, and only those that failed come back.

use std::future::Future;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use paywarden_store::Retryable;
use paywarden_store::queue::CORRELATION_ATTRIBUTE;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::worker::{self, WorkerError};

/// Messages of a batch that are handled at the same time.
const CONCURRENCY: usize = 10;

/// Serves `step`, which handles one message, until the process ends.
///
/// # Errors
/// When a variable is missing, or the Lambda runtime fails.
pub async fn serve<D, M, E, H, F>(
    name: &'static str,
    wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    step: H,
) -> Result<(), WorkerError>
where
    D: Send + Sync + 'static,
    M: DeserializeOwned + Send + 'static,
    E: Retryable,
    H: Fn(&'static D, M) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send,
{
    let deps: &'static D = crate::for_ever(wire(&Stores::of_process())?);
    worker::run(name, move |event| async move { Ok(process(deps, event, step).await) }).await
}

/// How a message was handled.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Handled {
    /// It is done with.
    Done,
    /// It may work later, for this reason; after a few more tries the queue moves it to its dead letters.
    Retry(String),
    /// It can never work, for this reason. It stays a failure, so that it ends in the dead letters and not nowhere.
    GiveUp(String),
}

impl Handled {
    fn of<E: Retryable>(outcome: Result<(), E>) -> Self {
        match outcome {
            Ok(()) => Self::Done,
            Err(error) if error.is_retryable() => Self::Retry(error.to_string()),
            Err(error) => Self::GiveUp(error.to_string()),
        }
    }
}

/// Handles every message of a batch as an `M`. A message that is no `M` is given up on.
pub async fn process<'a, D, M, E, H, F>(deps: &'a D, event: SqsEvent, step: H) -> SqsBatchResponse
where
    M: DeserializeOwned,
    E: Retryable,
    H: Fn(&'a D, M) -> F,
    F: Future<Output = Result<(), E>>,
{
    let handle_one = |message: M| step(deps, message);
    let failures = futures::stream::iter(event.records)
        .map(|message| handle(message, &handle_one))
        .buffer_unordered(CONCURRENCY)
        .filter_map(std::future::ready)
        .collect::<Vec<_>>()
        .await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    response
}

async fn handle<M, E, H, F>(message: SqsMessage, step: &H) -> Option<BatchItemFailure>
where
    M: DeserializeOwned,
    E: Retryable,
    H: Fn(M) -> F,
    F: Future<Output = Result<(), E>>,
{
    let message_id = message.message_id.clone().unwrap_or_default();
    let correlation_id = correlation_id(&message).unwrap_or_default();
    let span = tracing::info_span!("message", message_id = message_id.as_str(), correlation_id);
    let outcome = async {
        let outcome = match serde_json::from_str(message.body.as_deref().unwrap_or_default()) {
            Ok(parsed) => Handled::of(step(parsed).await),
            Err(error) => Handled::GiveUp(format!("the message cannot be read: {error}")),
        };
        log(&outcome);
        outcome
    }
    .instrument(span)
    .await;
    (outcome != Handled::Done).then(|| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = message_id;
        failure
    })
}

fn correlation_id(message: &SqsMessage) -> Option<String> {
    message.message_attributes.get(CORRELATION_ATTRIBUTE)?.string_value.clone()
}

fn log(outcome: &Handled) {
    match outcome {
        Handled::Done => {}
        Handled::Retry(reason) => tracing::warn!(reason, "message will be tried again"),
        Handled::GiveUp(reason) => tracing::error!(reason, "message can never be handled"),
    }
}

#[cfg(test)]
mod tests {
    use paywarden_store::StoreError;

    use super::*;

    fn event(bodies: &[&str]) -> SqsEvent {
        let records = bodies.iter().enumerate().map(|(index, body)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("m{index}"));
            message.body = Some((*body).to_owned());
            message
        });
        let mut event = SqsEvent::default();
        event.records = records.collect();
        event
    }

    #[tokio::test]
    async fn only_what_failed_comes_back() {
        let response = process(&(), event(&["1", "2", "nonsense", "3"]), |(), number: u32| async move {
            match number {
                1 => Ok(()),
                2 => Err(StoreError::Conflict),
                _ => Err(StoreError::Corrupt {
                    table: String::new(),
                    key: String::new(),
                    detail: String::new(),
                }),
            }
        })
        .await;
        let mut failed: Vec<_> =
            response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        failed.sort();
        assert_eq!(failed, ["m1", "m2", "m3"]);
    }
}
