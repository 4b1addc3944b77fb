//! Dead letters: what lies there is shown first, and goes back when somebody says so.

mod why;

use anyhow::Context;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use paywarden_store::queue::CORRELATION_ATTRIBUTE;

use crate::queues::{MOVING_SECONDS, SHOWING_SECONDS, count, receive};
use crate::stage::{Stage, queue_url};

/// Messages that are shown at most.
const SHOWN: usize = 20;

/// What the names of the queues begin with whose messages name webhooks.
const WEBHOOKS: &str = "webhook-";

/// Shows what lies in a queue's dead letters; puts it back if that is wanted.
pub async fn run(stage: &Stage, queue: &str, yes: bool) -> anyhow::Result<()> {
    let sqs = Client::new(&stage.config);
    let from = queue_url(&sqs, &stage.name, &format!("{queue}-dead-letters")).await?;
    let count = count(&sqs, &from).await?;
    if !yes {
        println!("about {count} messages lie in {queue}-dead-letters");
        return show(stage, &sqs, &from, queue).await;
    }
    let to = queue_url(&sqs, &stage.name, queue).await?;
    let mut moved = 0_usize;
    // What comes back meanwhile is not taken again and again.
    while moved < count {
        let messages = receive(&sqs, &from, MOVING_SECONDS).await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            put_back(&sqs, (&from, &to), message).await?;
            moved = moved.saturating_add(1);
        }
    }
    println!("{moved} messages went back to {queue}");
    Ok(())
}

/// Says of some messages what tells them apart and, of webhooks, why they are here. What is in a payment's is nobody's to read
/// here.
async fn show(stage: &Stage, sqs: &Client, url: &str, queue: &str) -> anyhow::Result<()> {
    let mut shown = 0_usize;
    while shown < SHOWN {
        let messages = receive(sqs, url, SHOWING_SECONDS).await?;
        if messages.is_empty() {
            break;
        }
        for message in &messages {
            println!("{}", line(message));
            if queue.starts_with(WEBHOOKS) {
                println!("  {}", why::of(&stage.stores, message.body().unwrap_or_default()).await?);
            }
        }
        shown = shown.saturating_add(messages.len());
    }
    println!("with --yes they go back");
    Ok(())
}

fn line(message: &Message) -> String {
    let system = |name| attribute(message, &name).unwrap_or("?");
    let correlation_id = message.message_attributes.as_ref().and_then(|all| all.get(CORRELATION_ATTRIBUTE));
    let correlation_id = correlation_id.and_then(|value| value.string_value()).unwrap_or("none");
    format!(
        "sent at {} ms, received {} times, {} bytes, correlation id {correlation_id}",
        system(MessageSystemAttributeName::SentTimestamp),
        system(MessageSystemAttributeName::ApproximateReceiveCount),
        message.body().unwrap_or_default().len(),
    )
}

fn attribute<'a>(message: &'a Message, name: &MessageSystemAttributeName) -> Option<&'a str> {
    message.attributes()?.get(name).map(String::as_str)
}

/// Sends first and deletes then: a message may come twice, never not at all.
async fn put_back(sqs: &Client, (from, to): (&str, &str), message: Message) -> anyhow::Result<()> {
    let group = attribute(&message, &MessageSystemAttributeName::MessageGroupId).map(str::to_owned);
    let receipt = message.receipt_handle.context("a message has a receipt")?;
    sqs.send_message()
        .queue_url(to)
        .message_body(message.body.unwrap_or_default())
        .set_message_attributes(message.message_attributes)
        .set_message_group_id(group)
        .send()
        .await?;
    sqs.delete_message().queue_url(from).receipt_handle(receipt).send().await?;
    Ok(())
}
