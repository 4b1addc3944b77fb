//! A queue as a fair one of SQS is: who has few messages under way comes first, whatever the others have waiting.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

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

#[derive(Default)]
pub struct FairQueue(Mutex<BTreeMap<String, Group>>);

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
        let group = message.group.unwrap_or_default();
        self.0.lock().unwrap().entry(group).or_default().waiting.push_back(message.body);
        Ok(())
    }

    async fn send_batch(&self, messages: Vec<Message>) -> Result<Vec<usize>, StoreError> {
        for message in messages {
            self.send(message).await?;
        }
        Ok(Vec::new())
    }
}
