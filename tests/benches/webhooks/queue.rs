//! A queue as a fair one of SQS is: who has few messages under way comes first, whatever the others have waiting.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};

/// `BatchSize`, as the template has it.
const BATCH: usize = 10;

#[derive(Default)]
struct Group {
    waiting: VecDeque<String>,
    under_way: usize,
}

/// Clones are the same queue.
#[derive(Default, Clone)]
pub struct FairQueue(Arc<Mutex<BTreeMap<String, Group>>>);

/// A message that was handed out, and whose it is.
pub struct Handed {
    pub body: String,
    group: String,
}

impl FairQueue {
    /// Hands out a batch, if there is anything.
    pub fn receive(&self) -> Vec<Handed> {
        let mut groups = self.0.lock().unwrap();
        let next = |groups: &mut BTreeMap<String, Group>| {
            let waiting = groups.iter_mut().filter(|(_, group)| !group.waiting.is_empty());
            let (name, group) = waiting.min_by_key(|(_, group)| group.under_way)?;
            group.under_way += 1;
            Some(Handed { body: group.waiting.pop_front()?, group: name.clone() })
        };
        (0..BATCH).map_while(|_| next(&mut groups)).collect()
    }

    fn put(&self, message: Message) {
        let group = message.group.unwrap_or_default();
        self.0.lock().unwrap().entry(group).or_default().waiting.push_back(message.body);
    }

    /// A batch is done with.
    pub fn done(&self, batch: &[Handed]) {
        let mut groups = self.0.lock().unwrap();
        for handed in batch {
            groups.get_mut(&handed.group).unwrap().under_way -= 1;
        }
    }
}

#[async_trait]
impl Queue for FairQueue {
    async fn send(&self, message: Message) -> Result<(), StoreError> {
        let (queue, delay) = (self.clone(), Duration::from_secs(message.delay_seconds.into()));
        if delay.is_zero() {
            queue.put(message);
            return Ok(());
        }
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            queue.put(message);
        });
        Ok(())
    }

    async fn send_batch(&self, messages: Vec<Message>) -> Result<Vec<usize>, StoreError> {
        for message in messages {
            self.send(message).await?;
        }
        Ok(Vec::new())
    }
}
