//! Everything that the queues carry, done by processes that may be killed.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_domain::webhook::delivery::DeliveryKey;
use paywarden_domain::webhook::{Delivering, Delivery, EventType};
use paywarden_store::queue::{Message, Queue};
use paywarden_store::stores::Stores;
use paywarden_store::transactions::stream::RecordChange;
use paywarden_testing::builders;
use paywarden_webhooks::errand::{Courier, Errand};
use paywarden_webhooks::sweep::Sweeper;
use serde_json::Value;

use crate::receiver::Receiver;
use crate::workshop::Workshop;

/// Times that processes may die before a test gives up.
const PATIENCE: usize = 20;

/// A workshop whose queues carry errands of every kind.
pub struct Office {
    pub workshop: Workshop,
    pub stores: Stores,
    pub endpoint: EndpointId,
    pub receiver: Receiver,
}

impl Office {
    /// One with an endpoint that is told in this way, and its receiver.
    pub async fn telling(delivering: Delivering, receiver: Receiver) -> Self {
        let retry_seconds = "5,3600";
        let workshop = Workshop::retrying(retry_seconds).await;
        let set = [("WEBHOOK_ALLOW_LOOPBACK", "true"), ("WEBHOOK_RETRY_SECONDS", retry_seconds)];
        let stores = workshop.stage.stores_with(None, &set);
        let endpoint = workshop.endpoint(receiver.address, EventType::DEFAULT).await;
        let office = Self { workshop, stores, endpoint, receiver };
        office.tell(delivering).await;
        office
    }

    /// Lets the endpoint be told in another way.
    pub async fn tell(&self, delivering: Delivering) {
        let endpoints = self.stores.endpoints().unwrap();
        let mut stored = endpoints.find(&self.workshop.merchant.id, &self.endpoint).await.unwrap().unwrap();
        stored.endpoint.delivering = delivering;
        stored.endpoint.version += 1;
        endpoints.replace(&stored).await.unwrap();
    }

    /// Payments that are recorded and then paid: versions 1 and 2 of each.
    pub async fn paid(&self, references: &[&str]) -> Vec<Transaction> {
        let (stage, merchant) = (&self.workshop.stage, &self.workshop.merchant);
        let provider = builders::provider(merchant, ProviderType::Xendit);
        let origin = builders::origin(&provider, "2026-11-20T08:00:01Z");
        let mut payments = Vec::new();
        for reference in references {
            let recorded = stage.add_transaction(merchant, builders::draft(reference)).await;
            let report = builders::report(reference, Status::Paid, "2026-11-20T07:55:00Z");
            let paid = apply(&recorded, &report, &origin).next.unwrap();
            stage.write(&paid).await;
            payments.push(paid);
        }
        payments
    }

    /// Plans what happened; a batch that fails comes again, whole.
    pub async fn plan(&self, changes: Vec<RecordChange>) {
        while let Err(error) = self.workshop.planner().plan(changes.clone()).await {
            assert!(self.workshop.stage.faults.restart(), "{error}");
        }
    }

    pub fn courier(&self) -> Courier {
        Courier::of(&self.stores).unwrap()
    }

    /// Takes the errands of the queue of first attempts.
    pub fn errands(&self) -> Vec<Errand> {
        let messages = self.workshop.stage.webhook_deliveries.take().into_iter();
        messages.map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }

    /// Puts messages back into the queue of first attempts.
    pub async fn put(&self, messages: Vec<Message>) {
        for message in messages {
            self.workshop.stage.webhook_deliveries.send(message).await.unwrap();
        }
    }

    /// The posts in their order: which version of which transaction each tells of.
    pub fn told(&self) -> Vec<Vec<(String, u64)>> {
        let records = |body: &str| serde_json::from_str::<Value>(body).unwrap()["transactions"].take();
        let told =
            |record: &Value| (record["id"].as_str().unwrap().to_owned(), record["version"].as_u64().unwrap());
        let posts = self.receiver.posts().into_iter();
        posts.map(|post| records(&post.body).as_array().unwrap().iter().map(told).collect()).collect()
    }

    pub async fn stored(&self, id: &DeliveryId) -> Delivery {
        let key = DeliveryKey { endpoint_id: self.endpoint.clone(), delivery_id: id.clone() };
        self.workshop.stored(&key).await
    }

    /// Runs errands and sweeps until nothing is left in the queues and in the due index; time passes when there is nothing to
    /// do. What fails is done again by a new process.
    pub async fn work(&self) {
        let (mut courier, mut sweeper) = self.processes();
        let (mut waiting, mut patience, mut rests) = (Vec::new(), PATIENCE, 0);
        while rests < 2 {
            self.arrive(&mut waiting);
            let now = self.workshop.stage.clock.now();
            let next: Option<&(Timestamp, Errand)> = waiting.first().filter(|(due, _)| *due <= now);
            let done = match next.cloned() {
                Some((_, errand)) => courier.run(errand).await.map(|()| drop(waiting.remove(0))),
                None => {
                    sweeper.run().await.map(|()| rests = if self.rest(&mut waiting) { rests + 1 } else { 0 })
                }
            };
            if let Err(error) = done {
                self.workshop.stage.faults.restart();
                patience = patience.checked_sub(1).unwrap_or_else(|| panic!("{error}"));
                (courier, sweeper) = self.processes();
            }
        }
    }

    fn processes(&self) -> (Courier, Sweeper) {
        (Courier::of(&self.stores).unwrap(), Sweeper::of(&self.stores).unwrap())
    }

    /// Lets time pass until the next message is handed out or the sweep finds something; answers whether there is nothing to
    /// come.
    fn rest(&self, waiting: &mut Vec<(Timestamp, Errand)>) -> bool {
        self.arrive(waiting);
        let queued = waiting.first().map(|(due, _)| *due);
        let next = queued.into_iter().chain(self.first_in_index()).min();
        let now = self.workshop.stage.clock.now();
        let wait = next.map_or(1, |next| next.as_seconds() - now.as_seconds());
        self.workshop.stage.clock.advance_seconds(wait.max(0));
        next.is_none()
    }

    fn first_in_index(&self) -> Option<Timestamp> {
        let items = self.workshop.stage.items("WebhooksTable");
        let due =
            items.iter().filter(|item| item["due_pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("due#")));
        due.filter_map(|item| item["due_sk"]["S"].as_str()?.split_once('#'))
            .map(|(at, _)| builders::at(at))
            .min()
    }

    /// Takes what was queued, each with when it is handed out, the earliest first.
    fn arrive(&self, waiting: &mut Vec<(Timestamp, Errand)>) {
        let stage = &self.workshop.stage;
        for message in
            [&stage.webhook_deliveries, &stage.webhook_retries].into_iter().flat_map(|queue| queue.take())
        {
            let due = stage.clock.now().plus_seconds(message.delay_seconds.into());
            waiting.push((due, serde_json::from_str(&message.body).unwrap()));
        }
        waiting.sort_by_key(|(due, _)| *due);
    }
}
