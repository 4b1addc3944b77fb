//! The sweep that queues what is due again.

use std::sync::Arc;

use paywarden_domain::id::DeliveryId;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::DeliveryStatus;
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{DUE_SHARDS, Deliveries};
use paywarden_store::{StoreError, passing_over};

use crate::pointer;

/// Deliveries of one shard that one run queues.
const BATCH: i32 = 250;

/// Queues what is due.
pub struct Sweeper {
    deliveries: Deliveries,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

impl Sweeper {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            deliveries: stores.deliveries()?,
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
        })
    }

    /// Queues what is due in every shard.
    ///
    /// # Errors
    /// The first [`StoreError`], behind all of them; what was not queued is due at the next run too.
    pub async fn run(&self) -> Result<(), StoreError> {
        let (mut queued, mut failure): (usize, _) = (0, None);
        for shard in 0..DUE_SHARDS {
            for id in self.deliveries.due(shard, self.clock.now(), BATCH).await? {
                match passing_over(self.queue(&id).await) {
                    Ok(()) => queued = queued.saturating_add(1),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
        }
        tracing::info!(queued, "due webhooks queued");
        failure.map_or(Ok(()), Err)
    }

    /// Queues one, then takes it out of the index: the other way round, a crash would lose it.
    async fn queue(&self, id: &DeliveryId) -> Result<(), StoreError> {
        let Some(delivery) = self.deliveries.find(id).await? else {
            return Ok(());
        };
        if delivery.next_attempt_at.is_some_and(|at| at > self.clock.now()) {
            // An attempt was made since it was put into the index, and what follows that is not due.
            return Ok(());
        }
        if delivery.status == DeliveryStatus::Pending {
            self.retries.send(pointer::to_next_attempt(&delivery, delivery.attempts, 0)).await?;
        }
        match self.deliveries.leave_due(&delivery).await {
            // An attempt was made meanwhile and decided anew when the next one is due.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
