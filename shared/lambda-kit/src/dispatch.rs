//! Planning webhooks: what every dispatcher does with a change, whatever changed.

use std::collections::HashMap;
use std::sync::Arc;

use paywarden_domain::id::{DeliveryId, MerchantId, TransactionId};
use paywarden_domain::time::{Clock, Zone};
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint, EventType};
use paywarden_store::dynamo::Dynamo;
use paywarden_store::merchants::Merchants;
use paywarden_store::queue::{Message, Queue, SqsQueue};
use paywarden_store::webhooks::{Deliveries, Endpoints};
use serde_json::Value;

use crate::config::{Env, InvalidVariable};
use crate::system::SystemClock;
use crate::worker::WorkerError;

/// What planning works with.
pub struct Planner {
    /// The merchants, for their zones.
    pub merchants: Merchants,
    /// Who wants to be told.
    pub endpoints: Endpoints,
    /// What they are told.
    pub deliveries: Deliveries,
    /// The queue of first attempts.
    pub queue: Arc<dyn Queue>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Something to tell a merchant.
pub struct Announcement<'a> {
    /// The merchant.
    pub merchant_id: &'a MerchantId,
    /// What happened.
    pub event: EventType,
    /// The id of what it happened to; with the version it makes the delivery's own id.
    pub subject: &'a str,
    /// The version that the change led to.
    pub version: u64,
    /// The transaction whose timeline shows the attempts, if there is one.
    pub transaction_id: Option<&'a TransactionId>,
    /// What caused it.
    pub correlation_id: Option<&'a str>,
    /// The body, for a merchant in the zone.
    pub body: &'a (dyn Fn(&Zone) -> Value + Sync),
}

/// Plans the webhooks of one batch. Each merchant's endpoints are read once a batch, never kept longer: an endpoint hears
/// of everything that changes after it was created.
pub struct Plans<'a> {
    planner: &'a Planner,
    endpoints: HashMap<MerchantId, Vec<Endpoint>>,
    planned: usize,
}

impl Planner {
    /// The planner of this process.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_environment(env: &Env) -> Result<Self, InvalidVariable> {
        let clock = Arc::new(SystemClock);
        let config = paywarden_store::aws::config_from_environment();
        let dynamo = Dynamo::new(&config);
        let table = env.required("WEBHOOKS_TABLE")?;
        Ok(Self {
            merchants: Merchants::new(&dynamo, env.required("MERCHANTS_TABLE")?, clock.clone()),
            endpoints: Endpoints::new(&dynamo, table.clone()),
            deliveries: Deliveries::new(&dynamo, table),
            queue: Arc::new(SqsQueue::new(&config, env.required("WEBHOOK_DELIVERIES_QUEUE_URL")?)),
            clock,
        })
    }

    /// Begins a batch.
    #[must_use]
    pub fn begin(&self) -> Plans<'_> {
        Plans { planner: self, endpoints: HashMap::new(), planned: 0 }
    }
}

impl Plans<'_> {
    /// Webhooks planned so far.
    #[must_use]
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// Plans one delivery for each endpoint that wants the event.
    ///
    /// # Errors
    /// When a table or the queue fails; planning all of it again changes nothing that was planned.
    pub async fn announce(&mut self, announcement: &Announcement<'_>) -> Result<(), WorkerError> {
        let merchant_id = announcement.merchant_id;
        if !self.endpoints.contains_key(merchant_id) {
            let stored = self.planner.endpoints.list(merchant_id).await?;
            let endpoints = stored.into_iter().map(|stored| stored.endpoint).collect();
            self.endpoints.insert(merchant_id.clone(), endpoints);
        }
        let endpoints = self.endpoints.get(merchant_id).into_iter().flatten();
        for endpoint in endpoints.filter(|endpoint| endpoint.wants(announcement.event)) {
            self.planner.plan(endpoint, announcement).await?;
            self.planned = self.planned.saturating_add(1);
        }
        Ok(())
    }
}

impl Planner {
    /// Freezes the delivery, then queues the pointer: the other way round, the sender could look for it in vain.
    async fn plan(&self, endpoint: &Endpoint, announcement: &Announcement<'_>) -> Result<(), WorkerError> {
        let merchant = self.merchants.get(announcement.merchant_id).await?;
        let now = self.clock.now();
        let correlation_id = announcement.correlation_id.map(str::to_owned);
        let delivery = Delivery {
            id: DeliveryId::of(&endpoint.id, announcement.subject, announcement.version),
            endpoint_id: endpoint.id.clone(),
            merchant_id: endpoint.merchant_id.clone(),
            transaction_id: announcement.transaction_id.cloned(),
            event: announcement.event,
            body: (announcement.body)(&merchant.zone).to_string(),
            status: DeliveryStatus::Pending,
            attempts: 0,
            next_attempt_at: Some(now),
            created_at: now,
            correlation_id: correlation_id.clone(),
        };
        self.deliveries.plan(&delivery).await?;
        let pointer = Pointer { delivery_id: delivery.id, attempt: 1 };
        let body = serde_json::to_string(&pointer)?;
        let group = Some(endpoint.id.to_string());
        self.queue.send(Message { body, delay_seconds: 0, group, correlation_id }).await?;
        Ok(())
    }
}
