//! Queues: sending a message durably.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use tokio::sync::OnceCell;

use crate::StoreError;

/// The longest delay SQS takes, in seconds.
pub const MAX_DELAY_SECONDS: u32 = 900;

/// The message attribute that carries the correlation id.
pub const CORRELATION_ATTRIBUTE: &str = "correlation_id";

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
        let client = self.client.get_or_init(async || Client::new(&self.config)).await;
        let delay = i32::try_from(message.delay_seconds.min(MAX_DELAY_SECONDS)).unwrap_or(i32::MAX);
        let mut request = client.send_message().queue_url(&self.url).message_body(message.body);
        if delay > 0 {
            request = request.delay_seconds(delay);
        }
        if let Some(correlation_id) = message.correlation_id {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(correlation_id).build();
            let value = value.map_err(|error| StoreError::Unavailable {
                operation: "SendMessage",
                detail: error.to_string(),
            })?;
            request = request.message_attributes(CORRELATION_ATTRIBUTE, value);
        }
        let sent = request.set_message_group_id(message.group).send().await;
        sent.map(|_| ()).map_err(|error| StoreError::from_sdk("SendMessage", &error))
    }
}
