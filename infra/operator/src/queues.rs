//! Reading queues by hand.

use anyhow::Context;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

/// Messages that one request takes.
const BATCH: i32 = 10;

/// For how long a message that is shown is nobody else's.
pub const SHOWING_SECONDS: i32 = 2;
/// For how long one is that something is done about.
pub const MOVING_SECONDS: i32 = 60;

/// About how many messages lie in a queue.
pub async fn count(sqs: &Client, url: &str) -> anyhow::Result<usize> {
    let name = QueueAttributeName::ApproximateNumberOfMessages;
    let asked = sqs.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await?;
    let count = asked.attributes.and_then(|attributes| attributes.get(&name)?.parse().ok());
    count.context("the queue does not say how many messages it has")
}

/// Some messages, all that is known of them included.
pub async fn receive(sqs: &Client, url: &str, hidden_seconds: i32) -> anyhow::Result<Vec<Message>> {
    let received = sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(BATCH)
        .visibility_timeout(hidden_seconds)
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await?;
    Ok(received.messages.unwrap_or_default())
}
