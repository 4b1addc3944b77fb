//! The sweep that queues what is due: retries whose wait was too long for a queue, endpoints that are to be probed or have
//! something parked to let go, and whatever lost its message.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::EndpointId;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::queue::{Message, Outbox};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{DUE_SHARDS, Deliveries, Due, DueEndpoint, DuePlace, Healths};
use paywarden_store::{StoreError, passing_over};

use crate::breaker;
use crate::errand::Pass;
use crate::pointer::{self, HOLD_SECONDS};
use crate::standing::EndpointKey;

mod overdue;

/// Deliveries of one shard that are seen to before it is another shard's turn; endpoints, where they wait for others.
const PAGE: i32 = 100;

/// Deliveries that are written at the same time.
const CONCURRENCY: usize = 16;

/// Seconds after which a run begins nothing more. A page takes less than the rest of its function's time, even when the queue
/// does not answer.
const TIME_SECONDS: i64 = 20;

/// Seconds from one run to the next.
const EVERY_SECONDS: i64 = 60;

/// Queues what is due.
pub struct Sweeper {
    deliveries: Deliveries,
    healths: Healths,
    retries: Outbox,
    clock: Arc<dyn Clock>,
}

/// A shard, and how far it is swept.
enum Lane {
    /// Of what is due.
    Due { shard: u8, after: Option<DuePlace> },
    /// Of those who wait for others.
    Gathering { after: Option<EndpointId> },
}

/// Where something stood that was taken.
enum Place {
    Delivery(Due),
    Endpoint(DueEndpoint),
}

/// What became of a page.
#[derive(Default)]
struct Swept {
    queued: usize,
    /// The first fault.
    failure: Option<StoreError>,
}

impl Sweeper {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            deliveries: stores.deliveries()?,
            healths: stores.endpoint_healths()?,
            retries: Outbox::new(stores.webhook_retries()?, stores.entropy()),
            clock: stores.clock(),
        })
    }

    /// Queues what is due, a page of each shard in turn, until nothing is left or the time is over. A shard that fails keeps
    /// no other back.
    ///
    /// # Errors
    /// The first [`StoreError`], behind all of them; what was not queued is due at the next run too.
    pub async fn run(&self) -> Result<(), StoreError> {
        let started = self.clock.now();
        let (mut lanes, mut swept) = (lanes(started), Swept::default());
        while let Some(lane) = lanes.pop_front() {
            if self.clock.now() >= started.plus_seconds(TIME_SECONDS) {
                tracing::warn!("the time is over, and more may be due");
                break;
            }
            let rest = self.page(lane, started, &mut swept).await;
            lanes.extend(swept.note(rest).flatten());
        }
        tracing::info!(queued = swept.queued, "due webhooks queued");
        swept.failure.map_or(Ok(()), Err)
    }

    /// Sees to a page; answers the rest if there may be more, and can be seen to now.
    async fn page(
        &self,
        lane: Lane,
        moment: Timestamp,
        swept: &mut Swept,
    ) -> Result<Option<Lane>, StoreError> {
        match lane {
            Lane::Due { shard, after } => {
                let last = self.due(shard, after.as_ref(), moment, swept).await?;
                Ok(last.map(|last| Lane::Due { shard, after: Some(last) }))
            }
            Lane::Gathering { after } => {
                let last = self.overdue(after, moment, swept).await?;
                Ok(last.map(|last| Lane::Gathering { after: Some(last) }))
            }
        }
    }

    async fn due(
        &self,
        shard: u8,
        after: Option<&DuePlace>,
        moment: Timestamp,
        swept: &mut Swept,
    ) -> Result<Option<DuePlace>, StoreError> {
        let page = self.deliveries.due(shard, moment, PAGE, after).await?;
        let until = moment.plus_seconds(HOLD_SECONDS);
        let deliveries = page.due.into_iter().map(Place::Delivery);
        let places = deliveries.chain(page.endpoints.into_iter().map(Place::Endpoint));
        let holding = places.map(|place| self.hold(place, until));
        let held: Vec<_> = futures::stream::iter(holding).buffered(CONCURRENCY).collect().await;
        let held = held.into_iter().filter_map(|held| swept.note(held).flatten());
        let (places, messages): (Vec<_>, Vec<_>) = held.unzip();
        let sent = self.retries.send(messages).await;
        swept.queued = swept.queued.saturating_add(places.len().saturating_sub(sent.unsent.len()));
        let reached = swept.note(sent.failure.map_or(Ok(()), Err));
        self.let_go(places, &sent.unsent, until, swept).await;
        Ok(page.last.filter(|_| reached.is_some()))
    }

    /// What is not sent is found again when it is the shard's turn.
    async fn overdue(
        &self,
        after: Option<EndpointId>,
        moment: Timestamp,
        swept: &mut Swept,
    ) -> Result<Option<EndpointId>, StoreError> {
        let (errands, last) = overdue::page(&self.deliveries, moment, after).await?;
        let count = errands.len();
        let sent = self.retries.send(errands).await;
        swept.queued = swept.queued.saturating_add(count.saturating_sub(sent.unsent.len()));
        let reached = swept.note(sent.failure.map_or(Ok(()), Err));
        swept.note_unsent(sent.unsent.len());
        Ok(last.filter(|_| reached.is_some()))
    }

    /// Takes something before its message is sent, so that nobody else sends one; answers where it stood, and the message.
    /// Behind a crash it is found again when the hold is over. Nothing comes of what somebody else has, what is over since the
    /// index was read, or what cannot be read.
    async fn hold(&self, place: Place, until: Timestamp) -> Result<Option<(Place, Message)>, StoreError> {
        match self.take(&place, until).await {
            Ok(message) => Ok(Some((place, message))),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => passing_over(Err(error)),
        }
    }

    async fn take(&self, place: &Place, until: Timestamp) -> Result<Message, StoreError> {
        match place {
            Place::Delivery(due) => {
                let delivery = self.deliveries.hold(due, until).await?;
                Ok(pointer::to_next_attempt(&delivery, delivery.attempts, 0))
            }
            Place::Endpoint(due) => {
                let known = self.healths.hold(due, until).await?;
                let of = EndpointKey {
                    merchant_id: due.merchant_id.clone(),
                    endpoint_id: due.endpoint_id.clone(),
                };
                let is_spared = known.health.open.is_some();
                Ok(if is_spared { breaker::probe(&of, 0) } else { breaker::drain(&of, Pass::Going, 0) })
            }
        }
    }

    /// Puts back what was not sent, so that the next run finds it.
    async fn let_go(&self, places: Vec<Place>, unsent: &[usize], until: Timestamp, swept: &mut Swept) {
        swept.note_unsent(unsent.len());
        let unsent = places.into_iter().enumerate().filter(|(place, _)| unsent.contains(place));
        let putting = unsent.map(|(_, place)| self.put_back(place, until));
        let put_back: Vec<_> = futures::stream::iter(putting).buffer_unordered(CONCURRENCY).collect().await;
        for outcome in put_back {
            match outcome {
                // Somebody got the message all the same, and has done what it asks for.
                Err(StoreError::Conflict) => {}
                other => drop(swept.note(other)),
            }
        }
    }

    async fn put_back(&self, place: Place, held_until: Timestamp) -> Result<(), StoreError> {
        match place {
            Place::Delivery(due) => {
                let held = Due { at: held_until, ..due.clone() };
                self.deliveries.hold(&held, due.at).await.map(drop)
            }
            Place::Endpoint(due) => {
                let held = DueEndpoint { at: held_until, ..due.clone() };
                self.healths.hold(&held, due.at).await.map(drop)
            }
        }
    }
}

impl Swept {
    /// What came of something; the first fault is kept.
    fn note<T>(&mut self, outcome: Result<T, StoreError>) -> Option<T> {
        outcome.map_err(|error| self.failure.get_or_insert(error)).ok()
    }

    fn note_unsent(&mut self, count: usize) {
        if count > 0 {
            let detail = format!("{count} messages were not taken");
            let _ = self.note::<()>(Err(StoreError::Unavailable { operation: "SendMessageBatch", detail }));
        }
    }
}

/// All shards of what is due, another one first in each run: when there is more than a run can see to, none is always last. Then
/// one of those who wait for others.
fn lanes(moment: Timestamp) -> VecDeque<Lane> {
    let run = moment.as_seconds().div_euclid(EVERY_SECONDS);
    let first = u8::try_from(run.rem_euclid(DUE_SHARDS.into())).unwrap_or_default();
    let due = (0..DUE_SHARDS).map(|place| Lane::Due { shard: (first + place) % DUE_SHARDS, after: None });
    due.chain([Lane::Gathering { after: None }]).collect()
}
