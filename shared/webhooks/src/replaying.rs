//! The steps of a replay: some deliveries each, which begin another round of attempts.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::{DeliveryId, EndpointId, ReplayId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::replay::{Replay, ReplayState};
use paywarden_domain::webhook::{Delivery, DeliveryKey, DeliveryStatus};
use paywarden_store::queue::{Message, Outbox, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Ended, EndedPage, EndedQuery, Replays};
use paywarden_store::{StoreError, passing_over};

use crate::pointer;
use crate::replay::to_next_step;

/// Deliveries of one step.
const STEP: usize = 200;

/// Rows that one step looks at to find them.
const LOOKED_AT: usize = 10_000;

/// Deliveries that are written at the same time.
const CONCURRENCY: usize = 16;

/// Seconds after which somebody looks again whether a step that another one made led on.
const AGAIN_SECONDS: u32 = 60;

/// Makes the steps of replays.
pub struct Replayer {
    deliveries: Deliveries,
    replays: Replays,
    pointers: Outbox,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

/// What became of a delivery that was found.
#[derive(Default)]
struct PutBack {
    /// Whether this replay has put it back, now or in a try that was cut off.
    counts: bool,
    /// The pointer to its next attempt, if that was not made.
    message: Option<Message>,
}

impl Replayer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            deliveries: stores.deliveries()?,
            replays: stores.webhook_replays()?,
            pointers: Outbox::new(stores.webhook_retries()?, stores.entropy()),
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
        })
    }

    /// Makes the step that is next, and has the one behind it made. A step that was cut off is made again as a whole: what it
    /// put back is known by its replay.
    ///
    /// # Errors
    /// [`StoreError`]; the message may come again.
    pub async fn step(&self, endpoint: &EndpointId, id: &ReplayId) -> Result<(), StoreError> {
        let Some(replay) = self.replays.find(endpoint, id).await? else {
            tracing::warn!(replay_id = id.as_str(), "replay is gone");
            return Ok(());
        };
        if replay.state == ReplayState::Completed {
            return Ok(());
        }
        let page = self.page(&replay).await?;
        let queued = self.put_back(&replay, page.found).await?;
        let next = replay.after_step(queued, page.next, self.clock.now());
        match self.replays.advance(&replay, &next).await {
            // Another message was faster, and may be cut off before it leads on.
            Err(StoreError::Conflict) => {
                return self.retries.send(to_next_step(&replay, AGAIN_SECONDS)).await;
            }
            other => other?,
        }
        tracing::info!(replay_id = id.as_str(), queued = next.queued, counted = next.counted, "replayed");
        if next.state == ReplayState::Running {
            self.retries.send(to_next_step(&next, 0)).await?;
        }
        Ok(())
    }

    async fn page(&self, replay: &Replay) -> Result<EndedPage, StoreError> {
        let query = EndedQuery {
            endpoint: &replay.endpoint_id,
            selection: &replay.selection,
            planned_by: replay.created_at,
            replay: Some(&replay.id),
            after: replay.position.as_ref(),
            limit: STEP,
            look_at_most: LOOKED_AT,
        };
        self.deliveries.ended(&query).await
    }

    /// Puts deliveries back, then queues the pointers; answers how many are back. Those that the queue does not take stand in the
    /// due index.
    async fn put_back(&self, replay: &Replay, found: Vec<Ended>) -> Result<u32, StoreError> {
        let ids: BTreeSet<_> = found.into_iter().map(|found| found.batch_id.unwrap_or(found.id)).collect();
        let putting = ids.into_iter().map(|id| self.put_back_one(replay, id));
        let put: Vec<_> = futures::stream::iter(putting).buffered(CONCURRENCY).collect().await;
        let put = put.into_iter().collect::<Result<Vec<_>, _>>()?;
        let count = put.iter().filter(|put| put.counts).count();
        let sent = self.pointers.send(put.into_iter().filter_map(|put| put.message).collect()).await;
        sent.failure.map_or_else(|| Ok(u32::try_from(count).unwrap_or(u32::MAX)), Err)
    }

    /// One that cannot be read keeps no other from being sent.
    async fn put_back_one(&self, replay: &Replay, id: DeliveryId) -> Result<PutBack, StoreError> {
        let key = DeliveryKey { endpoint_id: replay.endpoint_id.clone(), delivery_id: id };
        let Some(delivery) = passing_over(self.deliveries.find(&key).await)? else {
            return Ok(PutBack::default());
        };
        let is_back = delivery.replay_id.as_ref() == Some(&replay.id);
        if !is_back && !replay.selection.takes_ending_of(&delivery) {
            return Ok(PutBack::default());
        }
        match self.deliveries.put_back(&delivery, &replay.id, self.clock.now()).await {
            Ok(delivery) => Ok(PutBack { counts: true, message: message(&delivery) }),
            // Somebody else has begun another round meanwhile.
            Err(StoreError::Conflict) => Ok(PutBack::default()),
            Err(error) => Err(error),
        }
    }
}

/// The pointer to the first attempt of a round, unless that was made.
fn message(delivery: &Delivery) -> Option<Message> {
    let is_new = delivery.status == DeliveryStatus::Pending && delivery.attempts == delivery.attempts_before;
    is_new.then(|| pointer::to_next_attempt(delivery, delivery.attempts, 0))
}
