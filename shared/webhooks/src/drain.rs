//! Letting go: what is parked of an endpoint is attempted again, a page after the other, as soon as the endpoint is told again.

use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::id::{EndpointId, MerchantId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::delivery::DeliveryKey;
use paywarden_store::queue::{Message, Outbox};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::Deliveries;
use paywarden_store::{StoreError, passing_over};

use crate::breaker;
use crate::errand::Pass;
use crate::park::Parking;
use crate::pointer;
use crate::post::Poster;
use crate::probe::{Found, Prober};
use crate::standing::{EndpointKey, Standing, Standings};

/// Deliveries that one pass lets go.
const PAGE: u16 = 500;

/// Deliveries that are written at the same time.
const CONCURRENCY: usize = 16;

/// Seconds from one pass to the next: the index is a moment behind.
const NEXT_SECONDS: u32 = 1;

/// Seconds from a pass that found nothing to the last one. Whoever parked something while he was reading how things were has
/// looked again by then, or is found.
const LAST_SECONDS: u32 = 30;

/// Lets go what is parked.
pub(crate) struct Drainer {
    poster: Arc<Poster>,
    prober: Prober,
    deliveries: Deliveries,
    standings: Standings,
    parking: Parking,
    retries: Outbox,
    clock: Arc<dyn Clock>,
}

/// The message for letting go what is parked of an endpoint that is told again, or that was deleted: what was to be told has
/// failed then. It belongs into the queue of retries, behind the write that it is about.
#[must_use]
pub fn errand(merchant: &MerchantId, endpoint: &EndpointId) -> Message {
    let of = EndpointKey { merchant_id: merchant.clone(), endpoint_id: endpoint.clone() };
    breaker::drain(&of, Pass::Asked, 0)
}

impl Drainer {
    pub(crate) fn with(poster: Arc<Poster>, stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            prober: Prober::with(Arc::clone(&poster), stores)?,
            poster,
            deliveries: stores.deliveries()?,
            standings: Standings::of(stores)?,
            parking: Parking::of(stores)?,
            retries: Outbox::new(stores.webhook_retries()?, stores.entropy()),
            clock: stores.clock(),
        })
    }

    /// Makes the probe that is due. Who finds the endpoint well lets go what is parked.
    pub(crate) async fn probe(&self, of: &EndpointKey) -> Result<(), StoreError> {
        match self.prober.run(of, false).await? {
            Found::NotSpared => self.run(of, Pass::Going).await,
            Found::NothingElse => Ok(()),
        }
    }

    /// One pass. Any number of them may go on side by side: each delivery is let go by one. An endpoint that is spared is probed
    /// when somebody asks for it, and is well when that succeeds.
    pub(crate) async fn run(&self, of: &EndpointKey, pass: Pass) -> Result<(), StoreError> {
        let mut standing = self.standings.look(of).await?;
        if pass == Pass::Asked && standing.as_ref().is_some_and(Standing::is_spared) {
            if self.prober.run(of, true).await? == Found::NothingElse {
                return Ok(());
            }
            standing = self.standings.look(of).await?;
        }
        match standing {
            Some(standing) if !standing.is_enabled() => self.poster.breaker.rest(of, &standing.known).await,
            Some(standing) if standing.is_spared() => Ok(()),
            standing => self.let_go(of, standing, pass).await,
        }
    }

    async fn let_go(
        &self,
        of: &EndpointKey,
        standing: Option<Standing>,
        pass: Pass,
    ) -> Result<(), StoreError> {
        if let Some(standing) = &standing {
            self.poster.breaker.remember(of, &standing.known).await?;
        }
        let page = self.deliveries.parked(&of.endpoint_id, PAGE).await?;
        let next = match (page.keys.is_empty(), pass) {
            (true, Pass::Last) => return self.end(of, standing).await,
            (true, Pass::Asked | Pass::Going) => breaker::drain(of, Pass::Last, LAST_SECONDS),
            (false, _) => breaker::drain(of, Pass::Going, NEXT_SECONDS),
        };
        let mut messages = self.unpark(page.keys).await?;
        messages.push(next);
        let sent = self.retries.send(messages).await;
        // What was let go and not sent the sweep finds; how to go on must not be left to it.
        sent.failure.map_or(Ok(()), Err)
    }

    async fn end(&self, of: &EndpointKey, standing: Option<Standing>) -> Result<(), StoreError> {
        match standing {
            Some(standing) => self.poster.breaker.done(of, &standing.known).await,
            None => self.poster.breaker.forget(of).await,
        }
    }

    /// Makes deliveries due, and answers the pointers to them. One that cannot be read is left to the sweep.
    async fn unpark(&self, keys: Vec<DeliveryKey>) -> Result<Vec<Message>, StoreError> {
        let now = self.clock.now();
        let going = keys.into_iter().map(|key| async move { self.parking.let_go(&key, now).await });
        let gone: Vec<_> = futures::stream::iter(going).buffered(CONCURRENCY).collect().await;
        let mut messages = Vec::new();
        for outcome in gone {
            let delivery = match outcome {
                Ok(delivery) => delivery,
                Err(error) => passing_over(Err(error))?,
            };
            messages
                .extend(delivery.map(|delivery| pointer::to_next_attempt(&delivery, delivery.attempts, 0)));
        }
        Ok(messages)
    }
}
