//! The breaker: what attempts came to is written down with their endpoint, and whoever fails all the time is spared.
//!
//! While it is open, deliveries are parked and one probe is made after the other; behind it the parked ones are let go. That
//! somebody has to do so stands in the due index by the same write that opens or closes it: a message makes it quicker, and may
//! be lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use paywarden_domain::id::EndpointId;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_domain::webhook::health::{Ended, Open};
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_domain::webhook::{Endpoint, Health};
use paywarden_store::StoreError;
use paywarden_store::queue::{MAX_DELAY_SECONDS, Message, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::webhooks::{Endpoints, Healths, StoredHealth};

use crate::errand::{self, Errand, Pass};
use crate::pointer::{ATTEMPT_SECONDS, PATIENCE_SECONDS, wait_seconds};
use crate::standing::{EndpointKey, Standing};

/// How often a change is begun again that somebody else's came before.
const TRIES: usize = 4;

/// Seconds for which successes that are not news are counted in memory: one write tells of all of them.
const COUNTING_SECONDS: i64 = 60;

/// Keeps book of how endpoints do.
pub(crate) struct Breaker {
    endpoints: Endpoints,
    healths: Healths,
    retries: Arc<dyn Queue>,
    schedule: RetrySchedule,
    clock: Arc<dyn Clock>,
    /// Successes of endpoints that are well and stay so, which nobody has written yet. A process that ends takes those of its
    /// last minute with it.
    unwritten: Mutex<BTreeMap<EndpointId, u32>>,
}

/// What a row becomes: how the endpoint does, and when the sweep is to see to it.
type Row = (Health, Option<Timestamp>);

impl Breaker {
    pub(crate) fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            healths: stores.endpoint_healths()?,
            retries: stores.webhook_retries()?,
            schedule: stores.webhook_retry_schedule()?,
            clock: stores.clock(),
            unwritten: Mutex::default(),
        })
    }

    /// The endpoint's own schedule, or the stage's.
    pub(crate) fn schedule<'a>(&'a self, endpoint: &'a Endpoint) -> &'a RetrySchedule {
        endpoint.delivering.retry.as_ref().unwrap_or(&self.schedule)
    }

    /// An attempt succeeded. Where that is no news it is counted, and written once a minute.
    pub(crate) async fn succeeded(
        &self,
        of: &EndpointKey,
        standing: &Standing,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if standing.known.health.is_well() {
            return self.count(of, &standing.known, at).await;
        }
        let (schedule, count) = (self.schedule(&standing.stored.endpoint), self.take(&of.endpoint_id));
        let ended = Ended { at, succeeded: count.saturating_add(1), failed: 0 };
        self.change(of, |read| self.placed(read, read.health.clone().after(ended, schedule))).await.map(drop)
    }

    /// An attempt failed. Whoever has done nothing else for days is switched off.
    pub(crate) async fn failed(
        &self,
        of: &EndpointKey,
        standing: &Standing,
        at: Timestamp,
        is_probe: bool,
    ) -> Result<(), StoreError> {
        let (schedule, count) = (self.schedule(&standing.stored.endpoint), self.take(&of.endpoint_id));
        let before = Ended { at, succeeded: count, failed: 0 };
        let written = self.change(of, |read| {
            let health = read.health.clone().counting(before);
            let health = match is_probe {
                true => health.after_probe(at, schedule),
                false => health.after(Ended { at, succeeded: 0, failed: 1 }, schedule),
            };
            self.placed(read, health)
        });
        match written.await? {
            Some(health) if health.is_given_up(at) => self.give_up(of, at).await,
            _ => Ok(()),
        }
    }

    async fn give_up(&self, of: &EndpointKey, at: Timestamp) -> Result<(), StoreError> {
        self.disable(of, at, DisabledReason::Failing).await?;
        self.change(of, |read| (read.health.clone().at_rest(), None)).await.map(drop)
    }

    /// Switches an endpoint off, and says so if it was this that did.
    pub(crate) async fn disable(
        &self,
        of: &EndpointKey,
        at: Timestamp,
        reason: DisabledReason,
    ) -> Result<(), StoreError> {
        if self.endpoints.disable(&of.merchant_id, &of.endpoint_id, at, reason).await? {
            tracing::warn!(
                merchant_id = of.merchant_id.as_str(),
                endpoint_id = of.endpoint_id.as_str(),
                reason = reason.as_str(),
                metric = "webhook_endpoint_disabled",
                "a webhook endpoint is switched off"
            );
        }
        Ok(())
    }

    /// Books the failure of an endpoint that is switched off by now.
    pub(crate) async fn gone(&self, of: &EndpointKey, at: Timestamp) -> Result<(), StoreError> {
        let ended = Ended { at, succeeded: 0, failed: 1 };
        let change = |read: &StoredHealth| (read.health.clone().after(ended, &self.schedule).at_rest(), None);
        self.change(of, change).await.map(drop)
    }

    /// Takes the next probe for as long as an attempt takes. [`StoreError::Conflict`] when the row is another by now.
    pub(crate) async fn claim(&self, of: &EndpointKey, read: &StoredHealth) -> Result<(), StoreError> {
        let until = self.clock.now().plus_seconds(ATTEMPT_SECONDS);
        self.write(of, read, &(read.health.clone().probing(until), Some(until))).await
    }

    /// Closes it for a delivery that is going to be the probe: nothing is parked.
    pub(crate) async fn close(&self, of: &EndpointKey) -> Result<(), StoreError> {
        self.change(of, |read| self.placed(read, read.health.clone().unproven())).await.map(drop)
    }

    /// There is nothing to come back to while an endpoint is told nothing. [`StoreError::Conflict`] when the row is another by
    /// now, and perhaps the endpoint too.
    pub(crate) async fn rest(&self, of: &EndpointKey, read: &StoredHealth) -> Result<(), StoreError> {
        if read.health.open.is_none() && read.due.is_none() {
            return Ok(());
        }
        self.write(of, read, &(read.health.clone().at_rest(), None)).await
    }

    /// Lets the sweep come back to an endpoint whose deliveries are let go, until that is [`Self::done`].
    pub(crate) async fn remember(&self, of: &EndpointKey, read: &StoredHealth) -> Result<(), StoreError> {
        if read.due.is_some() {
            return Ok(());
        }
        let due = self.clock.now().plus_seconds(PATIENCE_SECONDS);
        self.change(of, |read| (read.health.clone(), read.due.or(Some(due)))).await.map(drop)
    }

    /// Nobody has to come back any more, unless it is spared again.
    pub(crate) async fn done(&self, of: &EndpointKey, read: &StoredHealth) -> Result<(), StoreError> {
        if read.due.is_none() {
            return Ok(());
        }
        let due = |read: &StoredHealth| read.due.filter(|_| read.health.open.is_some());
        self.change(of, |read| (read.health.clone(), due(read))).await.map(drop)
    }

    /// Forgets an endpoint that was deleted.
    pub(crate) async fn forget(&self, of: &EndpointKey) -> Result<(), StoreError> {
        self.healths.forget(&of.merchant_id, &of.endpoint_id).await
    }

    /// Counts a success, and writes all that were counted when the row was last written long ago. Who finds the row written
    /// anew has that minute for the next ones.
    async fn count(&self, of: &EndpointKey, read: &StoredHealth, at: Timestamp) -> Result<(), StoreError> {
        let written = read.health.last_success_at.max(read.health.last_failure_at);
        if written.is_some_and(|written| at < written.plus_seconds(COUNTING_SECONDS)) {
            self.put_back(&of.endpoint_id, 1);
            return Ok(());
        }
        let count = self.take(&of.endpoint_id).saturating_add(1);
        let ended = Ended { at, succeeded: count, failed: 0 };
        let health = read.health.clone().after(ended, &self.schedule);
        let outcome = self.write(of, read, &(health, read.due)).await;
        if outcome.is_err() {
            self.put_back(&of.endpoint_id, count);
        }
        match outcome {
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        }
    }

    fn take(&self, endpoint: &EndpointId) -> u32 {
        self.lock().remove(endpoint).unwrap_or_default()
    }

    fn put_back(&self, endpoint: &EndpointId, count: u32) {
        let mut unwritten = self.lock();
        let sum = unwritten.entry(endpoint.clone()).or_default();
        *sum = sum.saturating_add(count);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<EndpointId, u32>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes how an endpoint does, as last written, and queues what follows; answers how it does then. Where too many change it
    /// at once this one is left out: the others tell as much, and what must not be left out is in the index.
    async fn change(
        &self,
        of: &EndpointKey,
        next: impl Fn(&StoredHealth) -> Row,
    ) -> Result<Option<Health>, StoreError> {
        for _ in 0..TRIES {
            let read = self.healths.find(&of.merchant_id, &of.endpoint_id, true).await?;
            let row = next(&read);
            match self.write(of, &read, &row).await {
                Ok(()) => {
                    self.queue_what_follows(of, &read.health, &row).await;
                    return Ok(Some(row.0));
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        tracing::warn!(endpoint_id = of.endpoint_id.as_str(), "many write at once how an endpoint does");
        Ok(None)
    }

    async fn write(
        &self,
        of: &EndpointKey,
        read: &StoredHealth,
        (health, due): &Row,
    ) -> Result<(), StoreError> {
        self.healths.write(&of.merchant_id, &of.endpoint_id, read, health, *due).await
    }

    /// How an endpoint does, with the place that it has in the index for it: where a message is queued, some minutes behind that.
    fn placed(&self, read: &StoredHealth, health: Health) -> Row {
        let due = match (probe_at(&read.health), probe_at(&health)) {
            (before, after) if before == after => read.due,
            (_, Some(at)) if self.delay(at).is_none() => Some(at),
            (_, Some(at)) => Some(at.plus_seconds(PATIENCE_SECONDS)),
            (_, None) => Some(self.clock.now().plus_seconds(PATIENCE_SECONDS)),
        };
        (health, due)
    }

    /// Queues the next probe, or lets go what is parked, as long as anybody has to come back. What the queue does not take the
    /// sweep finds.
    async fn queue_what_follows(&self, of: &EndpointKey, before: &Health, (health, due): &Row) {
        if due.is_none() || probe_at(before) == probe_at(health) {
            return;
        }
        let message = match probe_at(health).map(|at| self.delay(at)) {
            Some(Some(delay)) => probe(of, delay),
            Some(None) => return,
            None => drain(of, Pass::Going, 0),
        };
        if let Err(error) = self.retries.send(message).await {
            let (endpoint_id, error_detail) = (of.endpoint_id.as_str(), error.to_string());
            tracing::error!(
                endpoint_id,
                error_detail,
                metric = "message_unsent",
                "an endpoint waits for the sweep"
            );
        }
    }

    /// How long a message for this time waits in the queue; `None` where that is too long for one.
    fn delay(&self, at: Timestamp) -> Option<u32> {
        Some(wait_seconds(self.clock.now(), at)).filter(|wait| *wait <= MAX_DELAY_SECONDS)
    }
}

fn probe_at(health: &Health) -> Option<Timestamp> {
    health.open.map(|Open { probe_at, .. }| probe_at)
}

/// The message for a probe.
pub(crate) fn probe(of: &EndpointKey, delay_seconds: u32) -> Message {
    errand::message(&Errand::Probe(of.clone()), &of.endpoint_id, delay_seconds)
}

/// The message for letting go what is parked.
pub(crate) fn drain(of: &EndpointKey, pass: Pass, delay_seconds: u32) -> Message {
    errand::message(&Errand::Drain { of: of.clone(), pass }, &of.endpoint_id, delay_seconds)
}
