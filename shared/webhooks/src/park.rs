//! Parking: what an endpoint cannot be told now is put aside, under the endpoint, until it can.

use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::DeliveryKey;
use paywarden_store::StoreError;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Deliveries;

use crate::standing::{EndpointKey, Standing, Standings};

/// Puts deliveries aside.
pub(crate) struct Parking {
    deliveries: Deliveries,
    standings: Standings,
}

/// A delivery whose turn it is after all, and its endpoint, unless that was deleted.
pub(crate) type Back = (Delivery, Option<Standing>);

impl Parking {
    pub(crate) fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self { deliveries: stores.deliveries()?, standings: Standings::of(stores)? })
    }

    /// Parks a delivery. Answers it when its turn has come meanwhile.
    pub(crate) async fn park(&self, delivery: &Delivery, now: Timestamp) -> Result<Option<Back>, StoreError> {
        match self.deliveries.park(delivery).await {
            // Somebody has made an attempt.
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => self.look_again(delivery, now).await,
        }
    }

    /// Looks behind the parking whether the endpoint is told by now: whoever let go what was parked may have looked before it.
    /// Either sees what the other has written, so that nothing is parked for ever.
    pub(crate) async fn look_again(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Option<Back>, StoreError> {
        let standing = self.standings.look(&EndpointKey::of(delivery)).await?;
        if standing.as_ref().is_some_and(|standing| !standing.is_told(delivery.event)) {
            return Ok(None);
        }
        Ok(self.let_go(&delivery.key(), now).await?.map(|delivery| (delivery, standing)))
    }

    /// Lets a delivery go, for whoever queues a pointer to it or attempts it. Behind a crash the sweep finds it. Nothing comes of
    /// one that is not parked any more.
    pub(crate) async fn let_go(
        &self,
        key: &DeliveryKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        match self.deliveries.unpark(key, now).await {
            Ok(delivery) => Ok(Some(delivery)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
