//! Gathering: deliveries of an endpoint that wait for each other become one post.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::{DeliveryId, EndpointId, derive_body};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::delivery::{DeliveryKey, Member};
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint, EventType};
use paywarden_store::queue::{MAX_DELAY_SECONDS, Message, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Endpoints};
use paywarden_store::{StoreError, passing_over};

use crate::errand::{self, Errand};
use crate::lanes::Lanes;
use crate::pointer;

/// Deliveries that are read at the same time.
const CONCURRENCY: usize = 16;

/// Times that somebody else may be faster, and seconds until it is tried anew then: many who wait are looked at at once.
const TRIES: usize = 3;
const AGAIN_SECONDS: u32 = 2;

/// Deliveries of an endpoint that are looked at for one that can be read.
const CANDIDATES: u16 = 100;

/// What the records of one post may have together, in bytes. One record may have more, and goes alone.
const MAX_BYTES: usize = 512 * 1024;

/// What stands around the record of a frozen body.
const BEFORE: &str = "{\"transactions\":[";
const BEHIND: &str = "]}";

/// Makes batches.
pub struct Gatherer {
    endpoints: Endpoints,
    deliveries: Deliveries,
    lanes: Lanes,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

/// Who asks for a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// The errand of a delivery, which goes on until that is in one.
    Delivery,
    /// The sweep, which comes again by itself.
    Sweep,
}

/// The message that asks for a batch with this delivery.
pub(crate) fn errand(key: &DeliveryKey, delay_seconds: u32) -> Message {
    Message {
        body: serde_json::json!(Errand::Gather(key.clone())).to_string(),
        delay_seconds,
        group: Some(key.endpoint_id.to_string()),
        correlation_id: None,
    }
}

/// The message that asks for a batch of what is overdue at an endpoint.
pub(crate) fn errand_for_overdue(endpoint: &EndpointId) -> Message {
    errand::message(&Errand::GatherOverdue { endpoint_id: endpoint.clone() }, endpoint, 0)
}

impl Gatherer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            deliveries: stores.deliveries()?,
            lanes: Lanes::of(stores)?,
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
        })
    }

    /// Makes a batch of what waits, unless this delivery went out already: a message to each brings it at the latest. Whoever is
    /// cut off behind the freezing leaves a batch that the sweep finds.
    ///
    /// # Errors
    /// [`StoreError`]; the message may come again.
    pub async fn run(&self, key: &DeliveryKey) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let own = match self.deliveries.find(key).await {
                Ok(Some(own)) => own,
                Ok(None) => return Ok(()),
                Err(error) => {
                    passing_over::<()>(Err(error))?;
                    // The sweep looks for those that can be read: its errand goes on until there is a version of us that can read it.
                    return self.retries.send(errand(key, MAX_DELAY_SECONDS)).await;
                }
            };
            if own.status != DeliveryStatus::Gathering {
                return Ok(());
            }
            match self.gather(own, Asker::Delivery).await {
                // Somebody has gathered some of them meanwhile.
                Err(StoreError::Conflict) => {}
                outcome => return outcome,
            }
        }
        self.retries.send(errand(key, AGAIN_SECONDS)).await
    }

    /// Makes a batch of what waits at an endpoint, the oldest first, for the errands of its deliveries are lost. Where somebody else is
    /// gathering meanwhile nothing has to be done.
    ///
    /// # Errors
    /// [`StoreError`]; the sweep asks again.
    pub async fn run_overdue(&self, endpoint: &EndpointId) -> Result<(), StoreError> {
        for key in self.deliveries.gathering(endpoint, CANDIDATES).await? {
            let found = passing_over(self.deliveries.find(&key).await)?;
            let Some(own) = found.filter(|found| found.status == DeliveryStatus::Gathering) else {
                continue;
            };
            return match self.gather(own, Asker::Sweep).await {
                Err(StoreError::Conflict) => Ok(()),
                outcome => outcome,
            };
        }
        Ok(())
    }

    async fn gather(&self, own: Delivery, asker: Asker) -> Result<(), StoreError> {
        let found = self.endpoints.find(&own.merchant_id, &own.endpoint_id).await?;
        let endpoint = found.map(|stored| stored.endpoint);
        let max = usize::try_from(max_records(endpoint.as_ref())).unwrap_or(1);
        let key = own.key();
        let waiting = self.waiting(own, max).await?;
        let (chosen, left) = self.choose(waiting, endpoint.as_ref(), max).await?;
        let is_chosen = chosen.iter().any(|delivery| delivery.id == key.delivery_id);
        let again = match asker {
            _ if is_chosen => left.get(max.saturating_sub(1)).map(Delivery::key),
            Asker::Delivery => Some(key),
            Asker::Sweep => None,
        };
        // Where none of them may go, whoever ends the one before wakes them; the errand is for the case that nobody does.
        let delay = if chosen.is_empty() { MAX_DELAY_SECONDS } else { 0 };
        if !chosen.is_empty() {
            let batch = batch(&chosen, self.clock.as_ref())?;
            self.deliveries.gather(&batch, self.clock.now()).await?;
            tracing::info!(delivery_id = batch.id.as_str(), records = chosen.len(), "webhooks gathered");
            self.retries.send(pointer::to_next_attempt(&batch, 0, 0)).await?;
        }
        match again {
            Some(key) => self.retries.send(errand(&key, delay)).await,
            None => Ok(()),
        }
    }

    /// What waits, oldest first: what the index knows, which may be a moment behind, and the one that the errand is about.
    async fn waiting(&self, own: Delivery, max: usize) -> Result<Vec<Delivery>, StoreError> {
        let limit = u16::try_from(max.saturating_mul(2)).unwrap_or(u16::MAX);
        let keys = self.deliveries.gathering(&own.endpoint_id, limit).await?;
        let others = keys.into_iter().filter(|key| key.delivery_id != own.id);
        let reading = others.map(|key| async move { passing_over(self.deliveries.find(&key).await) });
        let read: Vec<_> = futures::stream::iter(reading).buffered(CONCURRENCY).collect().await;
        let mut waiting = vec![own];
        for found in read {
            waiting.extend(found?.filter(|found| found.status == DeliveryStatus::Gathering));
        }
        waiting.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(waiting)
    }

    /// Those that go now, and the others: of each transaction the lowest version only, for the versions of one post are told
    /// all at once.
    async fn choose(
        &self,
        waiting: Vec<Delivery>,
        endpoint: Option<&Endpoint>,
        max: usize,
    ) -> Result<(Vec<Delivery>, Vec<Delivery>), StoreError> {
        let mut lowest = BTreeMap::new();
        for delivery in &waiting {
            let version = lowest.entry(delivery.transaction_id.clone()).or_insert(delivery.version);
            *version = (*version).min(delivery.version);
        }
        let ordered = endpoint.is_some_and(|endpoint| endpoint.delivering.ordered);
        let (mut chosen, mut left, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
        for delivery in waiting {
            let size = bytes.saturating_add(delivery.body.len());
            let has_room = chosen.len() < max && (chosen.is_empty() || size <= MAX_BYTES);
            let is_lowest = lowest.get(&delivery.transaction_id) == Some(&delivery.version);
            if has_room && is_lowest && (!ordered || self.lanes.is_next(&delivery).await?) {
                bytes = size;
                chosen.push(delivery);
            } else {
                left.push(delivery);
            }
        }
        Ok((chosen, left))
    }
}

/// An endpoint that wants no batches any more, or is gone, still has some that wait.
fn max_records(endpoint: Option<&Endpoint>) -> u32 {
    let batching = endpoint.and_then(|endpoint| endpoint.delivering.batching);
    batching.map_or(Batching::MAX_RECORDS, |batching| batching.max_records.clamp(1, Batching::MAX_RECORDS))
}

/// The batch of these, whose id follows from theirs.
fn batch(members: &[Delivery], clock: &dyn Clock) -> Result<Delivery, StoreError> {
    let (Some(first), mut records) = (members.first(), Vec::new()) else {
        return Err(StoreError::Conflict);
    };
    for member in members {
        records.push(record(member)?);
    }
    let at = first.id.at().unwrap_or(first.created_at);
    let ids: Vec<_> = members.iter().map(|member| member.id.as_str().as_bytes()).collect();
    let id = DeliveryId::of(&first.endpoint_id, &derive_body("batch/1", &ids), 1, at);
    let of = (first.endpoint_id.clone(), first.merchant_id.clone());
    let body = format!("{BEFORE}{}{BEHIND}", records.join(","));
    Ok(Delivery {
        members: members.iter().filter_map(member).collect(),
        correlation_id: first.correlation_id.clone(),
        ..Delivery::new(id, of, EventType::TransactionUpdated, body, clock.now())
    })
}

fn member(delivery: &Delivery) -> Option<Member> {
    let transaction_id = delivery.transaction_id.clone()?;
    Some(Member { delivery_id: delivery.id.clone(), transaction_id })
}

/// The record in a frozen body, byte by byte.
fn record(delivery: &Delivery) -> Result<&str, StoreError> {
    let record = delivery.body.strip_prefix(BEFORE).and_then(|body| body.strip_suffix(BEHIND));
    record.ok_or_else(|| StoreError::Corrupt {
        table: "webhooks".to_owned(),
        key: delivery.id.to_string(),
        detail: "the body is not that of a transaction".to_owned(),
    })
}
