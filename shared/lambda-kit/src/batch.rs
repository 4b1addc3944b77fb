//! Queue batches: each message is handled by itself, and only those that failed come back. Messages that would only get into
//! each other's way are in one lane, and go to the step together.

use std::collections::BTreeMap;
use std::future::Future;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use paywarden_store::Retryable;
use paywarden_store::queue::CORRELATION_ATTRIBUTE;
use paywarden_store::stores::{InvalidVariable, Stores};
use serde::de::DeserializeOwned;
use tracing::{Instrument, Span};

use crate::worker::{self, WorkerError};

/// Lanes of a batch that are worked on at the same time.
const CONCURRENCY: usize = 10;

/// A message of a lane, and the span that what is logged while it is handled belongs in.
pub type Said<M> = (M, Span);

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
    E: Retryable + Send,
    H: Fn(&'static D, M) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send,
{
    let deps: &'static D = crate::for_ever(wire(&Stores::of_process())?);
    worker::run(name, move |event| async move { Ok(process(deps, event, step).await) }).await
}

/// The same, where `lane` tells what the messages of a batch would meet in, if in anything, and `step` handles those of one lane
/// and answers for each of them, in their order.
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
    E: Retryable + Send,
    H: Fn(&'static D, Vec<Said<M>>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Vec<Result<(), E>>> + Send,
{
    let deps: &'static D = crate::for_ever(wire(&Stores::of_process())?);
    worker::run(name, move |event| async move { Ok(process_in_lanes(deps, event, lane, step).await) }).await
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
    let alone = |deps: &'a D, lane: Vec<Said<M>>| {
        let steps: Vec<_> =
            lane.into_iter().map(|(message, span)| step(deps, message).instrument(span)).collect();
        futures::future::join_all(steps)
    };
    process_in_lanes(deps, event, |_| None, alone).await
}

/// The same, lane by lane.
pub async fn process_in_lanes<'a, D, M, E, H, F>(
    deps: &'a D,
    event: SqsEvent,
    lane: fn(&M) -> Option<String>,
    step: H,
) -> SqsBatchResponse
where
    M: DeserializeOwned,
    E: Retryable,
    H: Fn(&'a D, Vec<Said<M>>) -> F,
    F: Future<Output = Vec<Result<(), E>>>,
{
    let (lanes, mut failures) = lanes(event.records, lane);
    let handle = |(ids, lane): Lane<M>| {
        let spans: Vec<Span> = lane.iter().map(|(_, span)| span.clone()).collect();
        let answers = step(deps, lane);
        async move {
            let answers = answers.await.into_iter().map(Handled::of);
            // Of whom nothing was said, nothing is known to be done.
            let unanswered = std::iter::repeat_with(|| Handled::Retry("no answer".to_owned()));
            let handled = answers.chain(unanswered).zip(ids).zip(spans);
            handled.filter_map(|((handled, id), span)| failure(&handled, id, &span)).collect::<Vec<_>>()
        }
    };
    let failed = futures::stream::iter(lanes.into_iter().map(handle)).buffer_unordered(CONCURRENCY);
    failures.extend(failed.collect::<Vec<_>>().await.concat());
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    response
}

/// The ids of a lane's messages, and what they say, both in the order of the batch.
type Lane<M> = (Vec<String>, Vec<Said<M>>);

/// The lanes of a batch; those that meet nobody have one each. What cannot be read is in none, and has failed.
fn lanes<M: DeserializeOwned>(
    messages: Vec<SqsMessage>,
    lane: fn(&M) -> Option<String>,
) -> (Vec<Lane<M>>, Vec<BatchItemFailure>) {
    let (mut shared, mut lanes, mut failures) = (BTreeMap::<String, Lane<M>>::new(), Vec::new(), Vec::new());
    for received in messages {
        let correlation_id = correlation_id(&received).unwrap_or_default();
        let id = received.message_id.unwrap_or_default();
        let span = tracing::info_span!("message", message_id = id.as_str(), correlation_id);
        match serde_json::from_str(received.body.as_deref().unwrap_or_default()) {
            Err(error) => {
                let unreadable = Handled::GiveUp(format!("the message cannot be read: {error}"));
                failures.extend(failure(&unreadable, id, &span));
            }
            Ok(message) => {
                let meets = lane(&message);
                let mut own = Lane::default();
                let (ids, said) = meets.map_or(&mut own, |lane| shared.entry(lane).or_default());
                ids.push(id);
                said.push((message, span));
                lanes.extend((!own.0.is_empty()).then_some(own));
            }
        }
    }
    lanes.extend(shared.into_values());
    (lanes, failures)
}

/// What the queue is told of a message: nothing when it is done with.
fn failure(handled: &Handled, id: String, span: &Span) -> Option<BatchItemFailure> {
    span.in_scope(|| log(handled));
    (*handled != Handled::Done).then(|| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
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

    fn small(number: &u32) -> Option<String> {
        (*number < 10).then(|| "small".to_owned())
    }

    #[tokio::test]
    async fn messages_of_one_lane_go_to_the_step_together_and_others_alone() {
        let seen = Mutex::new(Vec::new());
        let step = |seen: &'static Mutex<Vec<Vec<u32>>>, lane: Vec<Said<u32>>| async move {
            let numbers: Vec<u32> = lane.into_iter().map(|(number, _)| number).collect();
            seen.lock().unwrap().push(numbers.clone());
            numbers.iter().map(|_| Ok::<_, StoreError>(())).collect()
        };
        let seen: &'static Mutex<_> = Box::leak(Box::new(seen));
        process_in_lanes(seen, event(&["1", "10", "2", "11"]), small, step).await;
        let mut seen = seen.lock().unwrap().clone();
        seen.sort();
        assert_eq!(seen, [vec![1, 2], vec![10], vec![11]]);
    }

    #[tokio::test]
    async fn of_a_lane_comes_back_what_failed_and_what_nothing_was_said_of() {
        let step = |&(): &(), _: Vec<Said<u32>>| async { vec![Ok(()), Err(StoreError::Conflict)] };
        let response = process_in_lanes(&(), event(&["1", "2", "3"]), small, step).await;
        let failed: Vec<_> =
            response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        assert_eq!(failed, ["m1", "m2"]);
    }
}
