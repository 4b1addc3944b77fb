//! Planning: what every change does, whatever changed. Each endpoint that wants to know gets one delivery, frozen.

use std::collections::HashMap;
use std::sync::Arc;

use paywarden_domain::id::{DeliveryId, MerchantId};
use paywarden_domain::time::{Clock, Zone};
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint};
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Endpoints};

use crate::news::{Announcement, News};
use crate::pointer;

/// Plans webhooks.
pub struct Planner {
    merchants: Merchants,
    endpoints: Endpoints,
    deliveries: Deliveries,
    queue: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

/// The endpoints of the merchants of one batch, read once a batch and never kept longer: an endpoint hears of everything
/// that changes after it was created.
type EndpointsOfBatch = HashMap<MerchantId, Vec<Endpoint>>;

impl Planner {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            endpoints: stores.endpoints()?,
            deliveries: stores.deliveries()?,
            queue: stores.webhook_deliveries()?,
            clock: stores.clock(),
        })
    }

    /// Plans one delivery for each change of a batch and endpoint that wants to know of it.
    ///
    /// # Errors
    /// When a table or the queue fails; planning all of it again changes nothing that was planned.
    pub async fn plan<C: News>(&self, changes: Vec<C>) -> Result<(), StoreError> {
        let (mut endpoints, mut planned) = (EndpointsOfBatch::new(), 0_usize);
        for announcement in changes.iter().filter_map(News::news) {
            let theirs = self.endpoints_of(announcement.merchant_id, &mut endpoints).await?;
            for endpoint in theirs.iter().filter(|endpoint| endpoint.wants(announcement.event)) {
                self.freeze(endpoint, &announcement).await?;
                planned = planned.saturating_add(1);
            }
        }
        tracing::info!(planned, "webhooks planned");
        Ok(())
    }

    async fn endpoints_of<'a>(
        &self,
        merchant: &MerchantId,
        known: &'a mut EndpointsOfBatch,
    ) -> Result<&'a [Endpoint], StoreError> {
        if !known.contains_key(merchant) {
            let stored = self.endpoints.list(merchant).await?.into_iter();
            known.insert(merchant.clone(), stored.map(|stored| stored.endpoint).collect());
        }
        Ok(known.get(merchant).map(Vec::as_slice).unwrap_or_default())
    }

    /// Freezes the delivery, then queues the pointer: the other way round, the sender could look for it in vain.
    async fn freeze(&self, endpoint: &Endpoint, announcement: &Announcement<'_>) -> Result<(), StoreError> {
        let zone: Zone = self.merchants.get(announcement.merchant_id).await?.zone;
        let now = self.clock.now();
        let delivery = Delivery {
            id: DeliveryId::of(&endpoint.id, announcement.subject, announcement.version),
            endpoint_id: endpoint.id.clone(),
            merchant_id: endpoint.merchant_id.clone(),
            transaction_id: announcement.transaction_id.cloned(),
            event: announcement.event,
            body: (announcement.body)(&zone).to_string(),
            status: DeliveryStatus::Pending,
            attempts: 0,
            next_attempt_at: Some(now),
            created_at: now,
            correlation_id: announcement.correlation_id.map(str::to_owned),
        };
        self.deliveries.plan(&delivery).await?;
        self.queue.send(pointer::to_next_attempt(&delivery, 0, 0)).await
    }
}
