//! Delivering: following a pointer to one attempt at one delivery.

use std::sync::Arc;

use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::delivery::{DeliveryKey, Pointer};
use paywarden_domain::webhook::{Delivery, DeliveryStatus};
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, Due};
use paywarden_store::{StoreError, passing_over};

use crate::lanes::Lanes;
use crate::park::{Back, Parking};
use crate::pointer::{self, ATTEMPT_SECONDS, HOLD_SECONDS, PATIENCE_SECONDS};
use crate::post::{Poster, Reason};
use crate::standing::{EndpointKey, Standing, Standings};

/// The longest wait for a turn, in seconds, where an endpoint is told only so often.
const MAX_TURN_SECONDS: i64 = 60;

/// Delivers webhooks.
pub struct Deliverer {
    poster: Arc<Poster>,
    deliveries: Deliveries,
    standings: Standings,
    parking: Parking,
    lanes: Lanes,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Deliverer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Self::with(Arc::new(Poster::of(stores)?), stores)
    }

    pub(crate) fn with(poster: Arc<Poster>, stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            poster,
            deliveries: stores.deliveries()?,
            standings: Standings::of(stores)?,
            parking: Parking::of(stores)?,
            lanes: Lanes::of(stores)?,
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }

    /// Makes the attempt that a pointer asks for, unless it was made before. A receiver that fails is booked, and that is
    /// all: an error is a fault of our own. What cannot be read is left to the sweep, which comes back to it until there is a
    /// version of us that can.
    ///
    /// # Errors
    /// [`StoreError`]; the pointer may come again.
    pub async fn handle(&self, pointer: Pointer) -> Result<(), StoreError> {
        let key = pointer.key.clone();
        match self.follow(pointer).await {
            Err(error @ StoreError::Corrupt { .. }) => {
                passing_over::<()>(Err(error))?;
                self.leave(&key).await
            }
            other => other,
        }
    }

    /// An attempt that is booked already is nobody's any more: its next one is queued, or found by the sweep. A pointer that
    /// went on to the next one would go on beside the one that is there, and make each attempt twice.
    async fn follow(&self, pointer: Pointer) -> Result<(), StoreError> {
        let Some((delivery, due)) = self.deliveries.find_with_due(&pointer.key).await? else {
            tracing::warn!(delivery_id = pointer.key.delivery_id.as_str(), "delivery is gone");
            return Ok(());
        };
        if delivery.attempts >= pointer.attempt {
            return Ok(());
        }
        match delivery.status {
            DeliveryStatus::Pending if self.is_ours(due.as_ref()).await? => {
                self.attempt(delivery, due.is_some()).await
            }
            // Whoever parked it was perhaps cut off before he looked again.
            DeliveryStatus::Parked => {
                let back = self.parking.look_again(&delivery, self.clock.now()).await?;
                self.come_back(back).await
            }
            DeliveryStatus::Pending
            | DeliveryStatus::Gathering
            | DeliveryStatus::Gathered
            | DeliveryStatus::Delivered
            | DeliveryStatus::Failed => Ok(()),
        }
    }

    /// Leaves a delivery to the sweep, unless it is over.
    async fn leave(&self, key: &DeliveryKey) -> Result<(), StoreError> {
        match self.deliveries.put_off(key, self.clock.now().plus_seconds(HOLD_SECONDS)).await {
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    /// Whoever comes so late that the sweep might send somebody else meanwhile makes sure that it does not.
    async fn is_ours(&self, due: Option<&Due>) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some(due) = due.filter(|due| due.at <= now.plus_seconds(ATTEMPT_SECONDS)) else {
            return Ok(true);
        };
        match self.deliveries.hold(due, now.plus_seconds(HOLD_SECONDS)).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Attempts a delivery, or parks it where its endpoint is told nothing now.
    async fn attempt(&self, delivery: Delivery, in_index: bool) -> Result<(), StoreError> {
        match self.standings.glance(&EndpointKey::of(&delivery)).await? {
            Some(standing) if standing.is_told(delivery.event) => {
                self.in_turn(&delivery, &standing, in_index).await
            }
            Some(_) => {
                let back = self.parking.park(&delivery, self.clock.now()).await?;
                self.come_back(back).await
            }
            None => self.deliveries.abandon(&delivery).await,
        }
    }

    /// What was parked a moment too late is attempted by the same hand; the index has it by now.
    async fn come_back(&self, back: Option<Back>) -> Result<(), StoreError> {
        match back {
            Some((delivery, Some(standing))) => self.in_turn(&delivery, &standing, true).await,
            Some((delivery, None)) => self.deliveries.abandon(&delivery).await,
            None => Ok(()),
        }
    }

    /// Attempts a delivery if none of its transaction has to end before it, and if its endpoint, which may be told only so often, has
    /// not been told as often this second. First attempts, which are in no index, are made where nobody lets the others wait.
    async fn in_turn(
        &self,
        delivery: &Delivery,
        standing: &Standing,
        in_index: bool,
    ) -> Result<(), StoreError> {
        if !in_index && standing.is_slow(self.clock.now()) {
            return self.come_again(delivery, in_index, 0).await;
        }
        let endpoint = &standing.stored.endpoint;
        if !self.lanes.lets_go(delivery, endpoint).await? {
            return Ok(());
        }
        let limit = endpoint.delivering.rate_limit;
        if let Some(limit) = limit
            && !self.deliveries.take_turn(&delivery.endpoint_id, self.clock.now(), limit).await?
        {
            return self.come_again(delivery, in_index, self.turn_seconds(delivery)).await;
        }
        self.poster.post(delivery, standing, Reason::Turn).await
    }

    /// Queues the pointer among the retries, and lets the index remember what it does not yet: only the first wait costs a write.
    async fn come_again(
        &self,
        delivery: &Delivery,
        in_index: bool,
        delay_seconds: u32,
    ) -> Result<(), StoreError> {
        if !in_index {
            let until = self.clock.now().plus_seconds(PATIENCE_SECONDS.saturating_add(delay_seconds.into()));
            self.deliveries.put_off(&delivery.key(), until).await?;
        }
        self.retries.send(pointer::to_next_attempt(delivery, delivery.attempts, delay_seconds)).await
    }

    /// A second, and something by lot up to half as long as it has waited already: the more wait, the more seldom each of them
    /// asks.
    fn turn_seconds(&self, delivery: &Delivery) -> u32 {
        let since = delivery.next_attempt_at.unwrap_or(delivery.created_at);
        let waited = self.clock.now().as_seconds().saturating_sub(since.as_seconds());
        let spread = u64::try_from((waited / 2).clamp(1, MAX_TURN_SECONDS)).unwrap_or(1);
        let random = u64::from(u16::from_be_bytes(random_bytes::<2>(self.entropy.as_ref())));
        u32::try_from(random.saturating_mul(spread) / u64::from(u16::MAX))
            .unwrap_or_default()
            .saturating_add(1)
    }
}
