//! Lanes: an endpoint that wants order is told of a version of a transaction when the one before has ended.

use std::sync::Arc;

use paywarden_domain::id::{DeliveryId, EndpointId, TransactionId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::{Delivery, DeliveryKey, DeliveryStatus, Endpoint};
use paywarden_store::StoreError;
use paywarden_store::queue::{Message, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Deliveries, InLane};

use crate::gather;
use crate::pointer::{self, HOLD_SECONDS};

/// Knows whose turn it is.
pub struct Lanes {
    deliveries: Deliveries,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

impl Lanes {
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

    /// Whether a delivery may go now. One that may not is left to whoever ends the one before, and to the sweep for the case that
    /// nobody says so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lets_go(&self, delivery: &Delivery, endpoint: &Endpoint) -> Result<bool, StoreError> {
        if !endpoint.delivering.ordered || self.is_next(delivery).await? {
            return Ok(true);
        }
        let until = self.clock.now().plus_seconds(HOLD_SECONDS);
        match self.deliveries.put_off(&delivery.key(), until).await {
            // Another message has ended it.
            Err(StoreError::Conflict) => return Ok(false),
            other => other?,
        }
        // Who ended the one before this was written has not seen anybody wait.
        self.is_next(delivery).await
    }

    /// Whether nothing earlier of the same transaction is on its way. Those that have ended, and whose end was cut off before
    /// they left the lane, leave it here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_next(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let (Some(transaction), Some(version)) = (&delivery.transaction_id, delivery.version) else {
            return Ok(true);
        };
        let lane = self.deliveries.lane(&delivery.endpoint_id, transaction).await?;
        for before in lane.into_iter().filter(|entry| entry.version < version) {
            if !self.has_ended(&delivery.endpoint_id, &before.delivery_id).await? {
                return Ok(false);
            }
            self.deliveries.leave_lane(&delivery.endpoint_id, transaction, &before).await?;
        }
        Ok(true)
    }

    /// Lets the next ones go behind a delivery that has ended.
    ///
    /// # Errors
    /// [`StoreError`]; the sweep finds those that wait.
    pub async fn leave(&self, delivery: &Delivery, endpoint: &Endpoint) -> Result<(), StoreError> {
        if !endpoint.delivering.ordered {
            return Ok(());
        }
        let own = delivery.transaction_id.iter().map(|transaction| (transaction, &delivery.id));
        let members = delivery.members.iter().map(|member| (&member.transaction_id, &member.delivery_id));
        for (transaction, id) in own.chain(members) {
            self.leave_one(&delivery.endpoint_id, transaction, id).await?;
        }
        Ok(())
    }

    async fn leave_one(
        &self,
        endpoint: &EndpointId,
        transaction: &TransactionId,
        id: &DeliveryId,
    ) -> Result<(), StoreError> {
        let lane = self.deliveries.lane(endpoint, transaction).await?;
        let (gone, left): (Vec<InLane>, Vec<InLane>) =
            lane.into_iter().partition(|entry| entry.delivery_id == *id);
        for entry in gone {
            self.deliveries.leave_lane(endpoint, transaction, &entry).await?;
        }
        let Some(next) = left.into_iter().next() else {
            return Ok(());
        };
        let key = DeliveryKey { endpoint_id: endpoint.clone(), delivery_id: next.delivery_id };
        match self.waking(&key).await? {
            Some(message) => self.retries.send(message).await,
            None => Ok(()),
        }
    }

    /// What wakes one that waits. Who has not been looked at yet is not in the index, and a message to it is on its way.
    async fn waking(&self, key: &DeliveryKey) -> Result<Option<Message>, StoreError> {
        let Some((next, due)) = self.deliveries.find_with_due(key).await? else {
            return Ok(None);
        };
        Ok(match next.status {
            DeliveryStatus::Pending => due.map(|_| pointer::to_next_attempt(&next, next.attempts, 0)),
            DeliveryStatus::Gathering => Some(gather::errand(key, 0)),
            DeliveryStatus::Parked
            | DeliveryStatus::Gathered
            | DeliveryStatus::Delivered
            | DeliveryStatus::Failed => None,
        })
    }

    /// What goes out within another delivery ends with that.
    async fn has_ended(&self, endpoint: &EndpointId, id: &DeliveryId) -> Result<bool, StoreError> {
        let key = |id: &DeliveryId| DeliveryKey { endpoint_id: endpoint.clone(), delivery_id: id.clone() };
        let mut found = self.deliveries.find(&key(id)).await?;
        if let Some(batch) = found.as_ref().and_then(|found| found.batch_id.clone()) {
            found = self.deliveries.find(&key(&batch)).await?;
        }
        Ok(found
            .is_none_or(|found| matches!(found.status, DeliveryStatus::Delivered | DeliveryStatus::Failed)))
    }
}
