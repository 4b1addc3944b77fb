//! Queues: sending messages durably, one or several at a time. Many go through an [`Outbox`].

mod outbox;

use std::collections::HashMap;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{BatchResultErrorEntry, MessageAttributeValue, SendMessageBatchRequestEntry};
use tokio::sync::OnceCell;

pub use outbox::{Outbox, Sent};

use crate::StoreError;

/// Messages that one batch takes. Its bodies may have a mebibyte together.
pub const BATCH: usize = 10;

/// The longest delay SQS takes, in seconds.
pub const MAX_DELAY_SECONDS: u32 = 900;

/// The message attribute that carries the correlation id.
pub const CORRELATION_ATTRIBUTE: &str = "correlation_id";

const SEND: &str = "SendMessage";
const SEND_BATCH: &str = "SendMessageBatch";

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    pub body: String,
    /// Seconds before anybody gets it, at most [`MAX_DELAY_SECONDS`].
    pub delay_seconds: u32,
    /// Messages of one group share a fair part of the queue's attention.
    pub group: Option<String>,
    /// The id that follows a payment from callback to webhook.
    pub correlation_id: Option<String>,
}

/// Where messages go.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends a message; when this returns, it is stored durably.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn send(&self, message: Message) -> Result<(), StoreError>;

    /// Sends up to [`BATCH`] messages; when this returns, they are stored durably but for those whose places in the batch it
    /// answers. The queue did not take these, and may if they are sent again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; whether the queue took any of them is not known then.
    async fn send_batch(&self, messages: Vec<Message>) -> Result<Vec<usize>, StoreError>;
}

/// An SQS queue. Its client is made at the first message, so that functions which seldom send start without it.
pub struct SqsQueue {
    config: SdkConfig,
    client: OnceCell<Client>,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    #[must_use]
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self { config: config.clone(), client: OnceCell::new(), url }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, message: Message) -> Result<(), StoreError> {
        let attributes = attributes(SEND, &message)?;
        let request = self.client().await.send_message().queue_url(&self.url);
        let request = request
            .set_delay_seconds(delay(&message))
            .set_message_attributes(attributes)
            .message_body(message.body)
            .set_message_group_id(message.group);
        request.send().await.map(drop).map_err(|error| StoreError::from_sdk(SEND, &error))
    }

    async fn send_batch(&self, messages: Vec<Message>) -> Result<Vec<usize>, StoreError> {
        let entries = messages.into_iter().enumerate().map(|(place, message)| entry(place, message));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let request =
            self.client().await.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let sent = request.send().await.map_err(|error| StoreError::from_sdk(SEND_BATCH, &error))?;
        Ok(sent.failed.iter().filter_map(refused).collect())
    }
}

impl SqsQueue {
    async fn client(&self) -> &Client {
        self.client.get_or_init(async || Client::new(&self.config)).await
    }
}

/// A message as one of a batch, called by its place.
fn entry(place: usize, message: Message) -> Result<SendMessageBatchRequestEntry, StoreError> {
    SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .set_delay_seconds(delay(&message))
        .set_message_attributes(attributes(SEND_BATCH, &message)?)
        .message_body(message.body)
        .set_message_group_id(message.group)
        .build()
        .map_err(|error| unbuildable(SEND_BATCH, &error))
}

fn refused(entry: &BatchResultErrorEntry) -> Option<usize> {
    let reason = entry.message.as_deref().unwrap_or_default();
    tracing::warn!(code = entry.code, reason, "a message of a batch was not taken");
    entry.id.parse().ok()
}

fn delay(message: &Message) -> Option<i32> {
    let seconds = i32::try_from(message.delay_seconds.min(MAX_DELAY_SECONDS)).unwrap_or(i32::MAX);
    (seconds > 0).then_some(seconds)
}

fn attributes(
    operation: &'static str,
    message: &Message,
) -> Result<Option<HashMap<String, MessageAttributeValue>>, StoreError> {
    let Some(correlation_id) = &message.correlation_id else {
        return Ok(None);
    };
    let value = MessageAttributeValue::builder().data_type("String").string_value(correlation_id).build();
    let value = value.map_err(|error| unbuildable(operation, &error))?;
    Ok(Some(HashMap::from([(CORRELATION_ATTRIBUTE.to_owned(), value)])))
}

fn unbuildable(operation: &'static str, error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable { operation, detail: error.to_string() }
}
