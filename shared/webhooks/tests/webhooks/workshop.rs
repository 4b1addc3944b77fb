//! All steps over one test stage.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use paywarden_domain::id::{DeliveryId, EndpointId, TransactionId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::timeline::Subject;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::apply;
use paywarden_domain::vocabulary::Status;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::{Delivery, DeliveryKey, Endpoint, EndpointStatus, EventType, Health};
use paywarden_store::queue::{Message, Queue};
use paywarden_store::stores::Stores;
use paywarden_store::transactions::stream::{RecordChange, changes};
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{DUE_SHARDS, StoredEndpoint};
use paywarden_testing::{MemoryQueue, TestStage, builders};
use paywarden_webhooks::deliver::Deliverer;
use paywarden_webhooks::errand::{Courier, Errand};
use paywarden_webhooks::news::News;
use paywarden_webhooks::plan::Planner;
use paywarden_webhooks::sweep::Sweeper;
use serde_json::Value;

/// Times that processes may die before a test gives up.
const PATIENCE: usize = 20;

/// Longer than any wait of the schedules here, the spread included.
const LONG_SECONDS: i64 = 5000;

pub struct Workshop {
    pub stage: TestStage,
    pub merchant: Merchant,
    stores: Stores,
}

impl Workshop {
    /// One whose first wait stands in a queue and whose second, too long for that, in the due index.
    pub async fn open() -> Self {
        Self::retrying("5,3600").await
    }

    /// One with these waits between attempts.
    pub async fn retrying(retry_seconds: &str) -> Self {
        let stage = TestStage::start().await;
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let set = [("WEBHOOK_ALLOW_LOOPBACK", "true"), ("WEBHOOK_RETRY_SECONDS", retry_seconds)];
        let stores = stage.stores_with(None, &set);
        Self { stage, merchant, stores }
    }

    pub fn planner(&self) -> Planner {
        Planner::of(&self.stores).unwrap()
    }

    pub fn deliverer(&self) -> Deliverer {
        Deliverer::of(&self.stores).unwrap()
    }

    pub fn courier(&self) -> Courier {
        Courier::of(&self.stores).unwrap()
    }

    pub fn sweeper(&self) -> Sweeper {
        Sweeper::of(&self.stores).unwrap()
    }

    /// An endpoint at this address with a secret of its own.
    pub async fn endpoint(&self, address: SocketAddr, events: &[EventType]) -> EndpointId {
        let id = EndpointId::mint(self.stage.clock.now(), self.stage.entropy.as_ref());
        let secret = SigningSecret::generate(self.stage.entropy.as_ref()).reveal();
        let context = Context::endpoint(&self.merchant.id, &id);
        let url = format!("http://{address}/hooks");
        let now = self.stage.clock.now();
        let endpoint = Endpoint::new(id.clone(), self.merchant.id.clone(), url, events.to_vec(), now);
        let sealed_secret = self.stage.vault.seal(&context, &secret).await.unwrap();
        self.stores
            .endpoints()
            .unwrap()
            .create(&StoredEndpoint { endpoint, sealed_secret, previous_secret: None })
            .await
            .unwrap();
        id
    }

    pub async fn endpoint_of(&self, id: &EndpointId) -> Endpoint {
        let stored = self.stores.endpoints().unwrap().find(&self.merchant.id, id).await.unwrap();
        stored.unwrap().endpoint
    }

    pub async fn endpoint_status(&self, id: &EndpointId) -> EndpointStatus {
        self.endpoint_of(id).await.status
    }

    /// Changes an endpoint as somebody does who may.
    pub async fn change(&self, id: &EndpointId, change: impl FnOnce(&mut Endpoint)) {
        let endpoints = self.stores.endpoints().unwrap();
        let mut stored = endpoints.find(&self.merchant.id, id).await.unwrap().unwrap();
        change(&mut stored.endpoint);
        stored.endpoint.version += 1;
        stored.endpoint.changed_at = Some(self.stage.clock.now());
        endpoints.replace(&stored).await.unwrap();
    }

    pub async fn delete(&self, id: &EndpointId) {
        let endpoints = self.stores.endpoints().unwrap();
        let stored = endpoints.find(&self.merchant.id, id).await.unwrap().unwrap();
        endpoints.delete(&stored.endpoint).await.unwrap();
    }

    pub async fn health(&self, id: &EndpointId) -> Health {
        self.stores.endpoint_healths().unwrap().find(&self.merchant.id, id, true).await.unwrap().health
    }

    /// Lets it be known that an endpoint has just let an attempt wait.
    pub async fn let_wait(&self, id: &EndpointId) {
        let healths = self.stores.endpoint_healths().unwrap();
        let read = healths.find(&self.merchant.id, id, true).await.unwrap();
        let slow = read.health.clone().slow(self.stage.clock.now());
        healths.write(&self.merchant.id, id, &read, &slow, read.due).await.unwrap();
    }

    /// What is parked of an endpoint, the oldest first.
    pub async fn parked(&self, id: &EndpointId) -> Vec<DeliveryId> {
        let page = self.stores.deliveries().unwrap().parked(id, 1000).await.unwrap();
        page.keys.into_iter().map(|key| key.delivery_id).collect()
    }

    /// A delivery of a transaction's version to an endpoint, planned now.
    pub async fn planned(&self, endpoint: &EndpointId, version: u64) -> Delivery {
        let transaction = TransactionId::of(&self.merchant.id, "INV0045", 1);
        let now = self.stage.clock.now();
        let id = DeliveryId::of(endpoint, transaction.as_str(), version, now);
        let of = (endpoint.clone(), self.merchant.id.clone());
        let body = format!("{{\"transactions\":[{version}]}}");
        let delivery = Delivery {
            transaction_id: Some(transaction),
            version: Some(version),
            correlation_id: Some("corr-1".to_owned()),
            ..Delivery::new(id, of, EventType::TransactionCreated, body, now)
        };
        self.stores.deliveries().unwrap().plan(&delivery).await.unwrap();
        delivery
    }

    /// Queues the pointer to its first attempt.
    pub async fn queue(&self, delivery: &Delivery) {
        let pointer = Pointer { key: delivery.key(), attempt: 1 };
        let body = serde_json::json!(Errand::Attempt(pointer)).to_string();
        self.stage.webhook_deliveries.send(Message { body, ..Message::default() }).await.unwrap();
    }

    pub async fn stored(&self, key: &DeliveryKey) -> Delivery {
        self.stores.deliveries().unwrap().find(key).await.unwrap().unwrap()
    }

    /// The deliveries that these changes lead to, in the order in which they are queued.
    pub async fn told<C: News>(&self, changes: Vec<C>) -> Vec<Delivery> {
        self.planner().plan(changes).await.unwrap();
        self.queued().await
    }

    /// The deliveries that were queued since somebody looked, in their order.
    pub async fn queued(&self) -> Vec<Delivery> {
        let mut told = Vec::new();
        for (pointer, message) in taken(&self.stage.webhook_deliveries) {
            let delivery = self.stored(&pointer.key).await;
            assert_eq!((pointer.attempt, message.delay_seconds), (1, 0));
            assert_eq!(message.group.as_deref(), Some(delivery.endpoint_id.as_str()));
            told.push(delivery);
        }
        told
    }

    /// A payment that was recorded and then paid: versions 1 and 2.
    pub async fn paid_payment(&self) -> Transaction {
        let recorded = self.stage.add_transaction(&self.merchant, builders::draft("INV0045")).await;
        let provider = builders::provider(&self.merchant, ProviderType::Xendit);
        let report = builders::report("INV0045", Status::Paid, "2026-11-20T07:55:00Z");
        let origin = builders::origin(&provider, "2026-11-20T08:00:01Z");
        let paid = apply(&recorded, &report, &origin).next.unwrap();
        self.stage.write(&paid).await;
        paid
    }

    pub fn transaction_changes(&self) -> Vec<RecordChange> {
        changes(self.stage.transaction_changes()).unwrap()
    }

    /// What a transaction's timeline says.
    pub async fn timeline(&self, transaction: &TransactionId) -> Vec<String> {
        let subject = Subject::Transaction(transaction.clone());
        let entries = self.stage.timeline().list(&subject, 100, None).await.unwrap().entries;
        entries.into_iter().map(|entry| entry.summary).collect()
    }

    /// All rows of a table, in order. The attempts at a delivery are rows by themselves here, under its id.
    pub fn rows(&self, table: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        for mut item in self.stage.items(table) {
            for attempt in booked(&mut item) {
                let of = [("pk".to_owned(), item["sk"]["S"].as_str().unwrap().to_owned())];
                rows.push(row(&attempt).into_iter().chain(of).collect());
            }
            rows.push(row(&item));
        }
        rows.sort();
        rows
    }

    /// The book of a delivery: each attempt by number, and the status that answered it.
    pub fn book(&self, delivery: &DeliveryId) -> Vec<(u32, Option<u16>)> {
        let attempts = self.rows("WebhooksTable").into_iter();
        let attempts = attempts.filter(|row| row["pk"] == delivery.as_str() && row.contains_key("number"));
        let status = |row: &Row| row.get("http_status").map(|status| status.parse().unwrap());
        let mut book: Vec<_> = attempts.map(|row| (row["number"].parse().unwrap(), status(&row))).collect();
        book.sort_unstable();
        book
    }

    /// The endpoints that stand in the due index at all.
    pub async fn endpoints_in_index(&self) -> Vec<EndpointId> {
        let (moment, mut found) = (builders::at("2100-01-01T00:00:00Z"), Vec::new());
        for shard in 0..DUE_SHARDS {
            let page = self.stores.deliveries().unwrap().due(shard, moment, 1000, None).await.unwrap();
            found.extend(page.endpoints.into_iter().map(|due| due.endpoint_id));
        }
        found
    }

    /// What stands in the due index for a moment, all shards together.
    pub async fn due(&self, moment: Timestamp) -> Vec<DeliveryId> {
        let mut found = Vec::new();
        for shard in 0..DUE_SHARDS {
            let page = self.stores.deliveries().unwrap().due(shard, moment, 1000, None).await.unwrap();
            found.extend(page.due.into_iter().map(|due| due.key.delivery_id));
        }
        found
    }

    /// What stands in the due index at all.
    pub async fn in_index(&self) -> Vec<DeliveryId> {
        self.due(builders::at("2100-01-01T00:00:00Z")).await
    }

    /// Delivers and sweeps until nothing is left in the queues and in the due index; time passes when there is nothing to
    /// do. What fails is done again by a new process.
    pub async fn work(&self) {
        let (mut courier, mut sweeper) = (self.courier(), self.sweeper());
        let (mut waiting, mut patience, mut rests) = (Vec::new(), PATIENCE, 0);
        while rests < 2 {
            self.arrive(&mut waiting);
            let now = self.stage.clock.now();
            let next = waiting
                .first()
                .filter(|(due, _)| *due <= now)
                .map(|(_, errand): &(_, Errand)| errand.clone());
            let done = match next {
                Some(errand) => courier.run(errand).await.map(|()| drop(waiting.remove(0))),
                None => {
                    sweeper.run().await.map(|()| rests = if self.rest(&mut waiting) { rests + 1 } else { 0 })
                }
            };
            if let Err(error) = done {
                self.stage.faults.restart();
                patience = patience.checked_sub(1).unwrap_or_else(|| panic!("{error}"));
                (courier, sweeper) = (self.courier(), self.sweeper());
            }
        }
    }

    /// Does what is handed out by now; answers how much that was. What is handed out later is lost.
    pub async fn work_now(&self) -> usize {
        let (courier, mut waiting) = (self.courier(), Vec::new());
        self.arrive(&mut waiting);
        waiting.retain(|(due, _)| *due <= self.stage.clock.now());
        for (_, errand) in &waiting {
            courier.run(errand.clone()).await.unwrap();
        }
        waiting.len()
    }

    /// Lets time pass until the next message is handed out or the sweep finds something, or for long; answers whether there
    /// is nothing to come.
    fn rest(&self, waiting: &mut Vec<(Timestamp, Errand)>) -> bool {
        self.arrive(waiting);
        let queued = waiting.first().map(|(due, _)| *due);
        let next = queued.into_iter().chain(self.first_in_index()).min();
        let wait = next.map(|next| next.as_seconds() - self.stage.clock.now().as_seconds());
        self.stage.clock.advance_seconds(wait.map_or(LONG_SECONDS, |seconds| seconds.max(0)));
        next.is_none()
    }

    fn first_in_index(&self) -> Option<Timestamp> {
        let items = self.stage.items("WebhooksTable");
        let due =
            items.iter().filter(|item| item["due_pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("due#")));
        let places = due.filter_map(|item| item["due_sk"]["S"].as_str()?.split_once('#'));
        places.map(|(at, _)| builders::at(at)).min()
    }

    /// Takes what was queued, each with when it is handed out, the earliest first.
    fn arrive(&self, waiting: &mut Vec<(Timestamp, Errand)>) {
        let queues = [&self.stage.webhook_deliveries, &self.stage.webhook_retries];
        for message in queues.into_iter().flat_map(|queue| queue.take()) {
            let due = self.stage.clock.now().plus_seconds(message.delay_seconds.into());
            waiting.push((due, serde_json::from_str(&message.body).unwrap()));
        }
        waiting.sort_by_key(|(due, _)| *due);
    }
}

/// Takes the attempts that stand in a delivery's item.
fn booked(item: &mut Value) -> Vec<Value> {
    let book = item.as_object_mut().unwrap().remove("book").unwrap_or_default();
    let attempts = book["L"].as_array().cloned().unwrap_or_default();
    attempts.into_iter().map(|mut attempt| attempt["M"].take()).collect()
}

/// The attributes of an item, each as text.
pub type Row = BTreeMap<String, String>;

fn row(item: &Value) -> Row {
    let attributes: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_value(item.clone()).unwrap();
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    attributes
        .into_iter()
        .map(|(name, typed)| (name, typed.into_values().map(text).collect::<Vec<_>>().concat()))
        .collect()
}

/// The errand that a pointer is.
pub fn spelled(pointer: &Pointer) -> Errand {
    Errand::Attempt(pointer.clone())
}

/// Takes the pointers of a queue, each with its message.
pub fn taken(queue: &MemoryQueue) -> Vec<(Pointer, Message)> {
    let messages = queue.take().into_iter();
    messages.map(|message| (serde_json::from_str(&message.body).unwrap(), message)).collect()
}
