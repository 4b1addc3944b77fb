//! Planning: what every change does, whatever changed. Each endpoint that wants to know gets one delivery, frozen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::{DeliveryId, EndpointId, MerchantId};
use paywarden_domain::time::{Clock, Timestamp, Zone, days};
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_domain::webhook::{
    Delivering, Delivery, DeliveryKey, DeliveryStatus, Endpoint, EndpointStatus,
};
use paywarden_store::merchants::Merchants;
use paywarden_store::queue::{Message, Outbox};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Endpoints};
use paywarden_store::{StoreError, passing_over};

use crate::gather;
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

/// Days for which a batch can come again: as long as a stream remembers.
const STREAM_DAYS: i64 = 1;

/// Who of a merchant listens, or did a while ago.
struct Audience {
    zone: Zone,
    endpoints: Vec<Endpoint>,
}

/// A delivery that is to be planned, and how its endpoint is told.
struct Planned {
    delivery: Delivery,
    delivering: Delivering,
    /// Whether its endpoint wants to know.
    is_wanted: bool,
    /// Whether one that was frozen by somebody who was cut off may be there, which was to be told otherwise: its endpoint was
    /// changed since.
    may_differ: bool,
}

/// Deliveries of one endpoint that wait for others.
struct Crowd {
    batching: Batching,
    count: usize,
    /// One of them.
    key: DeliveryKey,
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
        let since = self.clock.now().plus_seconds(-days(STREAM_DAYS));
        endpoints.retain(|endpoint| {
            endpoint.status != EndpointStatus::Disabled
                || endpoint.disabled.is_some_and(|disabled| disabled.at >= since)
        });
        if endpoints.is_empty() {
            return Ok((None, unreadable));
        }
        let zone = self.merchants.get(merchant).await?.zone;
        Ok((Some(Audience { zone, endpoints }), unreadable))
    }

    /// Freezes deliveries, then queues the pointers: the other way round, the sender could look for them in vain. One that
    /// cannot be frozen keeps no other from being sent.
    async fn freeze(&self, planned: &[Planned]) -> Result<(), StoreError> {
        let freezing: Vec<_> = planned.iter().map(|planned| self.freeze_one(planned)).collect();
        let frozen: Vec<_> = futures::stream::iter(freezing).buffered(CONCURRENCY).collect().await;
        let (mut queueing, mut failure) = (Vec::new(), None);
        for (planned, frozen) in planned.iter().zip(frozen) {
            match frozen {
                Ok(message) => queueing.extend(message.map(|message| (planned, message))),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if failure.is_some() {
            // What comes before it may not be in its lane.
            queueing.retain(|(planned, _)| !planned.delivering.ordered);
        }
        let (queued, messages): (Vec<_>, Vec<_>) = queueing.into_iter().unzip();
        let sent = self.pointers.send(messages).await;
        if let Some(error) = failure.or(sent.failure) {
            return Err(error);
        }
        for unsent in sent.unsent.iter().filter_map(|place| queued.get(*place)) {
            self.leave(&unsent.delivery).await?;
        }
        self.hurry(planned).await
    }

    /// Does not let those wait any longer who are enough for a post.
    async fn hurry(&self, planned: &[Planned]) -> Result<(), StoreError> {
        for crowd in crowds(planned) {
            let enough = u16::try_from(crowd.batching.max_records).unwrap_or(u16::MAX);
            let waiting = self.deliveries.gathering(&crowd.key.endpoint_id, enough).await?.len();
            if crowd.count.max(waiting) >= usize::from(enough) {
                let sent = self.pointers.send(vec![gather::errand(&crowd.key, 0)]).await;
                sent.failure.map_or(Ok(()), Err)?;
            }
        }
        Ok(())
    }

    /// Leaves a delivery that the queue does not take to the sweep. A message of an earlier try may have ended it. One that
    /// waits for others the sweep would find late: the batch comes again.
    async fn leave(&self, delivery: &Delivery) -> Result<(), StoreError> {
        if delivery.status == DeliveryStatus::Gathering {
            let detail = "a message was not taken".to_owned();
            return Err(StoreError::Unavailable { operation: "SendMessageBatch", detail });
        }
        match self.deliveries.put_off(&delivery.key(), self.clock.now()).await {
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    /// Freezes a delivery, and answers its message. Of one that is there already the message is what it was frozen for, also
    /// when its endpoint wants it no more, or otherwise: nobody else would ever come for it.
    async fn freeze_one(&self, planned: &Planned) -> Result<Option<Message>, StoreError> {
        let delivery = &planned.delivery;
        if planned.may_differ {
            let frozen = passing_over(self.deliveries.find(&delivery.key()).await)?;
            if let Some(frozen) = frozen {
                return Ok(Some(planned.message_of(&frozen)));
            }
        }
        if !planned.is_wanted {
            return Ok(None);
        }
        if planned.delivering.ordered {
            self.deliveries.plan_in_lane(delivery).await?;
        } else {
            self.deliveries.plan(delivery).await?;
        }
        Ok(Some(planned.message_of(delivery)))
    }
}

impl Planned {
    /// How it waits for others, if it does.
    fn gathers(&self) -> Option<Batching> {
        let gathers = self.is_wanted && self.delivery.status == DeliveryStatus::Gathering;
        self.delivering.batching.filter(|_| gathers)
    }

    /// What is to be done with it as it is frozen.
    fn message_of(&self, frozen: &Delivery) -> Message {
        if frozen.status != DeliveryStatus::Gathering {
            return pointer::to_next_attempt(frozen, 0, 0);
        }
        gather::errand(&frozen.key(), self.delivering.batching.map_or(0, |batching| batching.max_seconds))
    }
}

/// Who waits at which endpoint.
fn crowds(planned: &[Planned]) -> Vec<Crowd> {
    let mut crowds: BTreeMap<&EndpointId, Crowd> = BTreeMap::new();
    for planned in planned {
        if let Some(batching) = planned.gathers() {
            let key = planned.delivery.key();
            let crowd = Crowd { batching, count: 0, key };
            let crowd = crowds.entry(&planned.delivery.endpoint_id).or_insert(crowd);
            crowd.count = crowd.count.saturating_add(1);
        }
    }
    crowds.into_values().collect()
}

/// The deliveries that an announcement leads to.
fn planned(announcement: &Announcement<'_>, audiences: &Audiences, now: Timestamp) -> Vec<Planned> {
    let Some(audience) = audiences.by_merchant.get(announcement.merchant_id) else {
        return Vec::new();
    };
    // No endpoint is told of itself.
    let others = audience.endpoints.iter().filter(|endpoint| endpoint.id.as_str() != announcement.subject);
    let planned = others.map(|endpoint| Planned {
        delivery: delivery(endpoint, announcement, &audience.zone, now),
        delivering: endpoint.delivering.clone(),
        is_wanted: endpoint.wants(announcement.event),
        may_differ: endpoint.has_changed_since(announcement.at),
    });
    planned.filter(|planned| planned.is_wanted || planned.may_differ).collect()
}

fn delivery(endpoint: &Endpoint, announcement: &Announcement<'_>, zone: &Zone, now: Timestamp) -> Delivery {
    let id = DeliveryId::of(&endpoint.id, announcement.subject, announcement.version, announcement.at);
    let of = (endpoint.id.clone(), endpoint.merchant_id.clone());
    let gathers = endpoint.delivering.batching.is_some() && announcement.event.is_of_transactions();
    Delivery {
        status: if gathers { DeliveryStatus::Gathering } else { DeliveryStatus::Pending },
        transaction_id: announcement.transaction_id.cloned(),
        version: announcement.transaction_id.map(|_| announcement.version),
        correlation_id: announcement.correlation_id.map(str::to_owned),
        ..Delivery::new(id, of, announcement.event, (announcement.body)(zone).to_string(), now)
    }
}
