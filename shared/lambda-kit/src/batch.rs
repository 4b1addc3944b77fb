//! Queue batches: each message is handled by itself, and only those that failed come back. Messages that would only get into
//! each other's way are in one lane, and handled one after the other.

use std::collections::BTreeMap;
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
    serve_in_lanes(name, wire, |_| None, step).await
}

/// The same, where `lane` tells what the messages of a batch would meet in, if in anything.
///
/// # Errors
/// When a variable is missing, or the Lambda runtime fails.
pub async fn serve_in_lanes<D, M, E, H, F>(
    name: &'static str,
    wire: impl FnOnce(&Stores) -> Result<D, InvalidVariable>,
    lane: fn(&M) -> Option<String>,
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
    worker::run(name, move |event| async move { Ok(process(deps, event, lane, step).await) }).await
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

/// A message of a batch, and what it says.
struct Received<M> {
    message: SqsMessage,
    said: Result<M, serde_json::Error>,
}

/// Handles every message of a batch as an `M`. A message that is no `M` is given up on.
pub async fn process<'a, D, M, E, H, F>(
    deps: &'a D,
    event: SqsEvent,
    lane: fn(&M) -> Option<String>,
    step: H,
) -> SqsBatchResponse
where
    M: DeserializeOwned,
    E: Retryable,
    H: Fn(&'a D, M) -> F,
    F: Future<Output = Result<(), E>>,
{
    let handle_one = |message: M| step(deps, message);
    let failures = futures::stream::iter(lanes(event.records, lane))
        .map(|lane| handle_lane(lane, &handle_one))
        .buffer_unordered(CONCURRENCY)
        .collect::<Vec<_>>()
        .await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.concat();
    response
}

/// The messages, by lane and in each in the order of the batch. Those that meet nobody have a lane each.
fn lanes<M: DeserializeOwned>(
    messages: Vec<SqsMessage>,
    lane: fn(&M) -> Option<String>,
) -> Vec<Vec<Received<M>>> {
    let (mut shared, mut lanes) = (BTreeMap::<String, Vec<Received<M>>>::new(), Vec::new());
    for message in messages {
        let said = serde_json::from_str(message.body.as_deref().unwrap_or_default());
        let lane = said.as_ref().ok().and_then(lane);
        let received = Received { message, said };
        match lane {
            Some(lane) => shared.entry(lane).or_default().push(received),
            None => lanes.push(vec![received]),
        }
    }
    lanes.extend(shared.into_values());
    lanes
}

async fn handle_lane<M, E, H, F>(lane: Vec<Received<M>>, step: &H) -> Vec<BatchItemFailure>
where
    E: Retryable,
    H: Fn(M) -> F,
    F: Future<Output = Result<(), E>>,
{
    let mut failures = Vec::new();
    for received in lane {
        failures.extend(handle(received, step).await);
    }
    failures
}

async fn handle<M, E, H, F>(received: Received<M>, step: &H) -> Option<BatchItemFailure>
where
    E: Retryable,
    H: Fn(M) -> F,
    F: Future<Output = Result<(), E>>,
{
    let Received { message, said } = received;
    let correlation_id = correlation_id(&message).unwrap_or_default();
    let message_id = message.message_id.unwrap_or_default();
    let span = tracing::info_span!("message", message_id = message_id.as_str(), correlation_id);
    let outcome = async {
        let outcome = match said {
            Ok(said) => Handled::of(step(said).await),
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
    use std::sync::Mutex;

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
        let response = process(
            &(),
            event(&["1", "2", "nonsense", "3"]),
            |_| None,
            |(), number: u32| async move {
                match number {
                    1 => Ok(()),
                    2 => Err(StoreError::Conflict),
                    _ => Err(StoreError::Corrupt {
                        table: String::new(),
                        key: String::new(),
                        detail: String::new(),
                    }),
                }
            },
        )
        .await;
        let mut failed: Vec<_> =
            response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        failed.sort();
        assert_eq!(failed, ["m1", "m2", "m3"]);
    }

    #[tokio::test]
    async fn messages_of_one_lane_are_handled_one_after_the_other() {
        let seen = Mutex::new(Vec::new());
        let lane = |number: &u32| (*number < 10).then(|| "small".to_owned());
        let step = |seen: &'static Mutex<Vec<String>>, number: u32| async move {
            seen.lock().unwrap().push(format!("{number} begins"));
            tokio::task::yield_now().await;
            seen.lock().unwrap().push(format!("{number} ends"));
            Ok::<_, StoreError>(())
        };
        let seen: &'static Mutex<_> = Box::leak(Box::new(seen));
        process(seen, event(&["1", "10", "2"]), lane, step).await;
        let seen = seen.lock().unwrap().clone();
        let (small, others): (Vec<_>, Vec<_>) = seen.iter().partition(|line| !line.starts_with("10"));
        assert_eq!(small, ["1 begins", "1 ends", "2 begins", "2 ends"]);
        assert_eq!(others, ["10 begins", "10 ends"]);
        assert_ne!(seen.concat(), "10 begins10 ends1 begins1 ends2 begins2 ends", "lanes go side by side");
    }
}
