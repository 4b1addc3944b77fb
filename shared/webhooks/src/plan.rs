//! Planning: what every change does, whatever changed. Each endpoint that wants to know gets one delivery, frozen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::{DeliveryId, MerchantId};
use paywarden_domain::time::{Clock, Timestamp, Zone};
use paywarden_domain::webhook::{Delivery, DeliveryKey, Endpoint, EndpointStatus};
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::queue::{Message, Outbox};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Endpoints};

use crate::news::{Announcement, News};
use crate::pointer;

/// Rows that are read or written at the same time.
const CONCURRENCY: usize = 16;

/// Deliveries that are frozen before their pointers are sent: some whole batches of messages.
const CHUNK: usize = 100;

/// Plans webhooks.
pub struct Planner {
    merchants: Merchants,
    endpoints: Endpoints,
    deliveries: Deliveries,
    pointers: Outbox,
    clock: Arc<dyn Clock>,
}

/// Who of a merchant listens.
struct Audience {
    zone: Zone,
    endpoints: Vec<Endpoint>,
}

/// The audiences of one batch, read once a batch and never kept longer: an endpoint hears of everything that changes after it
/// was created.
#[derive(Default)]
struct Audiences {
    by_merchant: BTreeMap<MerchantId, Audience>,
    /// What is wrong with a merchant or an endpoint that cannot be read, if there is one.
    unreadable: Option<StoreError>,
}

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
            pointers: Outbox::new(stores.webhook_deliveries()?, stores.entropy()),
            clock: stores.clock(),
        })
    }

    /// Plans one delivery for each change of a batch and endpoint that wants to know of it. Messages that the queue does not
    /// take are left to the sweep.
    ///
    /// # Errors
    /// When a table fails or the queue cannot be reached. [`StoreError::Corrupt`] when a merchant or an endpoint cannot be read;
    /// everybody else's webhooks have been planned then. Planning all of it again changes nothing that was planned.
    pub async fn plan<C: News>(&self, changes: Vec<C>) -> Result<(), StoreError> {
        let announcements: Vec<_> = changes.iter().filter_map(News::news).collect();
        let audiences = self.audiences(&announcements).await?;
        let now = self.clock.now();
        let planned: Vec<_> =
            announcements.iter().flat_map(|announcement| planned(announcement, &audiences, now)).collect();
        for chunk in planned.chunks(CHUNK) {
            self.freeze(chunk).await?;
        }
        tracing::info!(planned = planned.len(), "webhooks planned");
        audiences.unreadable.map_or(Ok(()), Err)
    }

    async fn audiences(&self, announcements: &[Announcement<'_>]) -> Result<Audiences, StoreError> {
        let merchants: BTreeSet<_> = announcements.iter().map(|of| of.merchant_id.clone()).collect();
        let reading =
            merchants.into_iter().map(|merchant| async move { (self.audience(&merchant).await, merchant) });
        let read: Vec<_> = futures::stream::iter(reading).buffer_unordered(CONCURRENCY).collect().await;
        let mut audiences = Audiences::default();
        for (audience, merchant) in read {
            match audience {
                Ok((audience, unreadable)) => {
                    audiences.unreadable = audiences.unreadable.or(unreadable);
                    audiences.by_merchant.extend(audience.map(|audience| (merchant, audience)));
                }
                Err(error @ StoreError::Corrupt { .. }) => audiences.unreadable = Some(error),
                Err(error) => return Err(error),
            }
        }
        Ok(audiences)
    }

    /// Who listens, if anybody, and what is wrong with an endpoint that cannot be read: it keeps no other from being told.
    async fn audience(
        &self,
        merchant: &MerchantId,
    ) -> Result<(Option<Audience>, Option<StoreError>), StoreError> {
        let (mut endpoints, mut unreadable) = (Vec::new(), None);
        for stored in self.endpoints.list_each(merchant).await? {
            match stored {
                Ok(stored) => endpoints.push(stored.endpoint),
                Err(error) => unreadable = Some(error),
            }
        }
        endpoints.retain(|endpoint| endpoint.status != EndpointStatus::Disabled);
        if endpoints.is_empty() {
            return Ok((None, unreadable));
        }
        let zone = self.merchants.get(merchant).await?.zone;
        Ok((Some(Audience { zone, endpoints }), unreadable))
    }

    /// Freezes deliveries, then queues the pointers: the other way round, the sender could look for them in vain. One that
    /// cannot be frozen keeps no other from being sent.
    async fn freeze(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        let freezing: Vec<_> = deliveries.iter().map(|delivery| self.freeze_one(delivery)).collect();
        let frozen: Vec<_> = futures::stream::iter(freezing).buffered(CONCURRENCY).collect().await;
        let (mut keys, mut messages, mut failure) = (Vec::new(), Vec::new(), None);
        for frozen in frozen {
            match frozen {
                Ok((key, message)) => {
                    keys.push(key);
                    messages.push(message);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let sent = self.pointers.send(messages).await;
        if let Some(error) = failure.or(sent.failure) {
            return Err(error);
        }
        let unsent = keys.into_iter().enumerate().filter(|(place, _)| sent.unsent.contains(place));
        for (_, key) in unsent {
            self.leave(&key).await?;
        }
        Ok(())
    }

    /// Leaves a delivery that the queue does not take to the sweep. A message of an earlier try may have ended it.
    async fn leave(&self, key: &DeliveryKey) -> Result<(), StoreError> {
        match self.deliveries.put_off(key, self.clock.now()).await {
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    async fn freeze_one(&self, delivery: &Delivery) -> Result<(DeliveryKey, Message), StoreError> {
        self.deliveries.plan(delivery).await?;
        Ok((delivery.key(), pointer::to_next_attempt(delivery, 0, 0)))
    }
}

/// The deliveries that an announcement leads to.
fn planned(announcement: &Announcement<'_>, audiences: &Audiences, now: Timestamp) -> Vec<Delivery> {
    let Some(audience) = audiences.by_merchant.get(announcement.merchant_id) else {
        return Vec::new();
    };
    let listening = audience.endpoints.iter().filter(|endpoint| endpoint.wants(announcement.event));
    listening.map(|endpoint| delivery(endpoint, announcement, &audience.zone, now)).collect()
}

fn delivery(endpoint: &Endpoint, announcement: &Announcement<'_>, zone: &Zone, now: Timestamp) -> Delivery {
    let id = DeliveryId::of(&endpoint.id, announcement.subject, announcement.version, announcement.at);
    let of = (endpoint.id.clone(), endpoint.merchant_id.clone());
    Delivery {
        transaction_id: announcement.transaction_id.cloned(),
        version: announcement.transaction_id.map(|_| announcement.version),
        correlation_id: announcement.correlation_id.map(str::to_owned),
        ..Delivery::new(id, of, announcement.event, (announcement.body)(zone).to_string(), now)
    }
}
