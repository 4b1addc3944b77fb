//! Everything that the queues carry, done by processes that may be killed.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::webhook::delivery::DeliveryKey;
use paywarden_domain::webhook::{Delivering, Delivery, EventType};
use paywarden_store::stores::Stores;
use paywarden_testing::builders;
use paywarden_webhooks::errand::{Courier, Errand};
use paywarden_webhooks::sweep::Sweeper;

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
