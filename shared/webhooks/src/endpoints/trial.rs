//! Trying an endpoint out: an event that tells nothing takes the way of every other one.

use std::sync::Arc;

use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::{Clock, Zone};
use paywarden_domain::webhook::{Delivery, Endpoint, EventType};
use paywarden_store::StoreError;
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Deliveries;
use serde_json::json;

use crate::pointer::{self, HOLD_SECONDS};

/// Tries endpoints out.
pub struct Trials {
    deliveries: Deliveries,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Trials {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            deliveries: stores.deliveries()?,
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }

    /// Freezes a test event, then queues its first attempt. The index remembers it from the beginning: there is no stream that
    /// would come back to one whose message was lost. It is made where retries are: whoever tries out a server that hangs, over and
    /// over, takes no worker from the first attempts of others.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        zone: &Zone,
        correlation_id: &str,
    ) -> Result<Delivery, StoreError> {
        let delivery = self.delivery(endpoint, zone, correlation_id);
        self.deliveries.plan(&delivery).await?;
        match self.deliveries.put_off(&delivery.key(), self.clock.now().plus_seconds(HOLD_SECONDS)).await {
            // A try before this one was cut off behind it, and what it sent has arrived.
            Err(StoreError::Conflict) => return Ok(delivery),
            other => other?,
        }
        self.retries.send(pointer::to_next_attempt(&delivery, 0, 0)).await?;
        Ok(delivery)
    }

    fn delivery(&self, endpoint: &Endpoint, zone: &Zone, correlation_id: &str) -> Delivery {
        let (now, event) = (self.clock.now(), EventType::Test);
        // Nothing has a version here that could tell one test from another.
        let number = u64::from_be_bytes(random_bytes(self.entropy.as_ref()));
        let id = DeliveryId::of(&endpoint.id, event.as_str(), number, now);
        let body = json!({
            "event": event,
            "webhook_endpoint": {"id": endpoint.id},
            "sent_at": zone.offset_text_millis(now),
        });
        let of = (endpoint.id.clone(), endpoint.merchant_id.clone());
        let correlation_id = Some(correlation_id.to_owned()).filter(|id| !id.is_empty());
        Delivery { correlation_id, ..Delivery::new(id, of, event, body.to_string(), now) }
    }
}
