//! Many messages at once: in batches, a few of them side by side, and again what a batch left over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use paywarden_domain::entropy::Entropy;

use super::{BATCH, Message, Queue};
use crate::StoreError;
use crate::patience::Patience;

/// Batches that are under way at the same time.
const AT_ONCE: usize = 4;

/// Waits before a message is given up which the queue does not take, and the longest of the first of them.
const WAITS: u32 = 2;
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Sends many messages to one queue.
pub struct Outbox {
    queue: Arc<dyn Queue>,
    entropy: Arc<dyn Entropy>,
}

/// What became of many messages.
#[derive(Debug, Default)]
pub struct Sent {
    /// The places of those that may not have arrived, in order.
    pub unsent: Vec<usize>,
    /// Why not, where the queue could not be reached.
    pub failure: Option<StoreError>,
}

impl Outbox {
    /// Over this queue.
    #[must_use]
    pub fn new(queue: Arc<dyn Queue>, entropy: Arc<dyn Entropy>) -> Self {
        Self { queue, entropy }
    }

    /// Sends all of them. Once the queue cannot be reached no further batch is begun: each would wait for it as long.
    pub async fn send(&self, messages: Vec<Message>) -> Sent {
        let numbered: Vec<_> = messages.into_iter().enumerate().collect();
        let batches: Vec<_> = numbered.chunks(BATCH).map(<[_]>::to_vec).collect();
        let is_out_of_reach = AtomicBool::new(false);
        let sending = batches.into_iter().map(|batch| self.send_batch(batch, &is_out_of_reach));
        let sending = futures::stream::iter(sending).buffered(AT_ONCE);
        let sent = sending.fold(Sent::default(), async |so_far, batch| so_far.and(batch)).await;
        if !sent.unsent.is_empty() {
            tracing::error!(count = sent.unsent.len(), metric = "message_unsent", "messages were not sent");
        }
        sent
    }

    /// A queue that cannot be reached was tried again by its client; what it refuses of a batch is tried again here.
    async fn send_batch(&self, mut batch: Vec<(usize, Message)>, is_out_of_reach: &AtomicBool) -> Sent {
        let mut patience = Patience::of(&self.entropy, FIRST_WAIT, WAITS);
        while !is_out_of_reach.load(Ordering::Relaxed) {
            let messages = batch.iter().map(|(_, message)| message.clone()).collect();
            let refused = match self.queue.send_batch(messages).await {
                Ok(refused) => refused,
                Err(failure) => {
                    is_out_of_reach.store(true, Ordering::Relaxed);
                    return Sent { failure: Some(failure), ..left(batch) };
                }
            };
            let entries = batch.into_iter().enumerate();
            batch = entries.filter(|(place, _)| refused.contains(place)).map(|(_, entry)| entry).collect();
            if batch.is_empty() || !patience.wait().await {
                break;
            }
        }
        left(batch)
    }
}

impl Sent {
    fn and(mut self, other: Self) -> Self {
        self.unsent.extend(other.unsent);
        Self { failure: self.failure.or(other.failure), ..self }
    }
}

fn left(batch: Vec<(usize, Message)>) -> Sent {
    Sent { unsent: batch.into_iter().map(|(place, _)| place).collect(), failure: None }
}
