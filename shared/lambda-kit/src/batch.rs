//! Queue batches: each message is handled by itself, and only those that failed come back.

use std::future::Future;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use paywarden_store::queue::CORRELATION_ATTRIBUTE;
use serde::de::DeserializeOwned;
use tracing::Instrument;

/// Messages of a batch that are handled at the same time.
const CONCURRENCY: usize = 10;

/// How handling a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done with.
    Done,
    /// It may work later, for this reason; after a few more tries the queue moves it to its dead letters.
    Retry(String),
    /// It can never work, for this reason. It stays a failure, so that it ends in the dead letters and not nowhere.
    GiveUp(String),
}

/// Handles every message of a batch as a `M`. A message that is no `M` is given up on.
pub async fn process<M, H, F>(event: SqsEvent, handler: H) -> SqsBatchResponse
where
    M: DeserializeOwned,
    H: Fn(M) -> F,
    F: Future<Output = Outcome>,
{
    let failures = futures::stream::iter(event.records)
        .map(|message| handle(message, &handler))
        .buffer_unordered(CONCURRENCY)
        .filter_map(std::future::ready)
        .collect::<Vec<_>>()
        .await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    response
}

async fn handle<M, H, F>(message: SqsMessage, handler: &H) -> Option<BatchItemFailure>
where
    M: DeserializeOwned,
    H: Fn(M) -> F,
    F: Future<Output = Outcome>,
{
    let message_id = message.message_id.clone().unwrap_or_default();
    let correlation_id = correlation_id(&message).unwrap_or_default();
    let span = tracing::info_span!("message", message_id = message_id.as_str(), correlation_id);
    let outcome = async {
        let outcome = match serde_json::from_str(message.body.as_deref().unwrap_or_default()) {
            Ok(parsed) => handler(parsed).await,
            Err(error) => Outcome::GiveUp(format!("the message cannot be read: {error}")),
        };
        log(&outcome);
        outcome
    }
    .instrument(span)
    .await;
    (outcome != Outcome::Done).then(|| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = message_id;
        failure
    })
}

fn correlation_id(message: &SqsMessage) -> Option<String> {
    message.message_attributes.get(CORRELATION_ATTRIBUTE)?.string_value.clone()
}

fn log(outcome: &Outcome) {
    match outcome {
        Outcome::Done => {}
        Outcome::Retry(reason) => tracing::warn!(reason, "message will be tried again"),
        Outcome::GiveUp(reason) => tracing::error!(reason, "message can never be handled"),
    }
}

#[cfg(test)]
mod tests {
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
        let response = process(event(&["1", "2", "nonsense", "3"]), |number: u32| async move {
            match number {
                1 => Outcome::Done,
                2 => Outcome::Retry("later".to_owned()),
                _ => Outcome::GiveUp("never".to_owned()),
            }
        })
        .await;
        let mut failed: Vec<_> =
            response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        failed.sort();
        assert_eq!(failed, ["m1", "m2", "m3"]);
    }
}
