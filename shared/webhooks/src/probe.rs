//! Probing: one attempt at the oldest of what is parked, to see whether an endpoint that is spared is well again.

use std::sync::Arc;

use paywarden_domain::time::Clock;
use paywarden_domain::webhook::{Delivery, DeliveryStatus, Endpoint};
use paywarden_store::queue::Queue;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Deliveries;
use paywarden_store::{StoreError, passing_over};

use crate::lanes::Lanes;
use crate::park::Parking;
use crate::pointer;
use crate::post::{Poster, Reason};
use crate::standing::{EndpointKey, Standing, Standings};

/// How often a probe is begun again that somebody else's write came before.
const TRIES: usize = 4;

/// Parked deliveries that are looked at for one that can be attempted.
const CANDIDATES: u16 = 10;

/// Makes probes.
pub(crate) struct Prober {
    poster: Arc<Poster>,
    deliveries: Deliveries,
    standings: Standings,
    parking: Parking,
    lanes: Lanes,
    retries: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
}

/// What is found instead of somebody to probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is not spared: what is parked can be let go.
    NotSpared,
    /// There was something to probe, or it is not time for that, or nobody is told anything.
    NothingElse,
}

impl Prober {
    pub(crate) fn with(poster: Arc<Poster>, stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            poster,
            deliveries: stores.deliveries()?,
            standings: Standings::of(stores)?,
            parking: Parking::of(stores)?,
            lanes: Lanes::of(stores)?,
            retries: stores.webhook_retries()?,
            clock: stores.clock(),
        })
    }

    /// Makes the probe that is due, or one at once if somebody asks for it. Of two who want to, one does: it takes the probe by a
    /// write, and has it for as long as an attempt takes. Behind a crash the sweep leads to it when that time is over.
    pub(crate) async fn run(&self, of: &EndpointKey, is_asked: bool) -> Result<Found, StoreError> {
        for _ in 0..TRIES {
            let Some(standing) = self.standings.look(of).await? else {
                return self.poster.breaker.forget(of).await.map(|()| Found::NothingElse);
            };
            let taken = match standing.known.health.open {
                _ if !standing.is_enabled() => {
                    self.poster.breaker.rest(of, &standing.known).await.map(|()| Found::NothingElse)
                }
                None => return Ok(Found::NotSpared),
                Some(open) if !is_asked && open.probe_at > self.clock.now() => return Ok(Found::NothingElse),
                Some(_) => match self.poster.breaker.claim(of, &standing.known).await {
                    Ok(()) => return self.probe(of, &standing).await.map(|()| Found::NothingElse),
                    Err(error) => Err(error),
                },
            };
            match taken {
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
        // Others write at the same time; the index remembers it.
        Ok(Found::NothingElse)
    }

    /// Where nothing is parked the next delivery is the probe. Where all that is parked waits for something that is not, the
    /// next probe comes when the time that this one was taken for is over.
    async fn probe(&self, of: &EndpointKey, standing: &Standing) -> Result<(), StoreError> {
        let candidates = self.candidates(of).await?;
        if candidates.is_empty() {
            return self.poster.breaker.close(of).await;
        }
        let Some(delivery) = self.first_that_may_go(candidates, &standing.stored.endpoint).await? else {
            return Ok(());
        };
        self.poster.post(&delivery, standing, Reason::Probe).await?;
        // It may be parked again, while somebody else has let go the others.
        let Some((delivery, _)) = self.parking.look_again(&delivery, self.clock.now()).await? else {
            return Ok(());
        };
        self.retries.send(pointer::to_next_attempt(&delivery, delivery.attempts, 0)).await
    }

    /// Nothing overtakes an earlier version at an endpoint that wants order.
    async fn first_that_may_go(
        &self,
        candidates: Vec<Delivery>,
        endpoint: &Endpoint,
    ) -> Result<Option<Delivery>, StoreError> {
        for delivery in candidates {
            if !endpoint.delivering.ordered || self.lanes.is_next(&delivery).await? {
                return Ok(Some(delivery));
            }
        }
        Ok(None)
    }

    /// The oldest ones that are parked. The index may be a moment behind, and what cannot be read is no probe.
    async fn candidates(&self, of: &EndpointKey) -> Result<Vec<Delivery>, StoreError> {
        let mut candidates = Vec::new();
        for key in self.deliveries.parked(&of.endpoint_id, CANDIDATES).await?.keys {
            let found = match self.deliveries.find(&key).await {
                Ok(found) => found,
                Err(error) => passing_over(Err(error))?,
            };
            candidates.extend(found.filter(|delivery| delivery.status == DeliveryStatus::Parked));
        }
        Ok(candidates)
    }
}
