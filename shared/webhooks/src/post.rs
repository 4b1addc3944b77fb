//! Posting: one attempt, noted, booked, and what follows it queued.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_domain::webhook::signing::{Signer, SigningKey};
use paywarden_domain::webhook::{Attempt, AttemptError, Delivery, Endpoint};
use paywarden_store::StoreError;
use paywarden_store::queue::{MAX_DELAY_SECONDS, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::{Context, Opener};
use paywarden_store::webhooks::{Deliveries, StoredEndpoint};

use crate::attempt::{Sender, TIME_LIMIT};
use crate::breaker::Breaker;
use crate::lanes::Lanes;
use crate::note;
use crate::pointer::{self, wait_seconds};
use crate::slow::Waits;
use crate::standing::{EndpointKey, Standing};

/// Posts deliveries.
pub(crate) struct Poster {
    pub(crate) breaker: Breaker,
    deliveries: Deliveries,
    timeline: Timeline,
    opener: Arc<dyn Opener>,
    lanes: Lanes,
    retries: Arc<dyn Queue>,
    sender: Sender,
    waits: Waits,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Why an attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is its turn.
    Turn,
    /// To see whether an endpoint is well again: it costs the delivery none of its attempts.
    Probe,
}

impl Poster {
    pub(crate) fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            breaker: Breaker::of(stores)?,
            deliveries: stores.deliveries()?,
            timeline: stores.timeline()?,
            opener: stores.opener(),
            lanes: Lanes::of(stores)?,
            retries: stores.webhook_retries()?,
            sender: Sender::new(stores.webhook_addresses()?, TIME_LIMIT, stores.clock()),
            waits: Waits::of(stores)?,
            clock: stores.clock(),
            entropy: stores.entropy(),
        })
    }

    /// Posts, books, queues what follows, then tells the breaker. A crash after the post sends it again; after a crash behind the
    /// booking the sweep finds what follows, and the breaker has one attempt less to judge by.
    pub(crate) async fn post(
        &self,
        delivery: &Delivery,
        standing: &Standing,
        reason: Reason,
    ) -> Result<(), StoreError> {
        let (of, stored) = (EndpointKey::of(delivery), &standing.stored);
        let signer = self.signer(stored).await?;
        let attempting = self.sender.attempt(&stored.endpoint.url, &signer, delivery);
        let attempt = self.waits.watch(&of, &standing.known, attempting).await?;
        let next = self.next_step(delivery, &stored.endpoint, &attempt, reason);
        log(delivery, &attempt, next);
        // An entry tells of a post that was made, so it may be written before the booking, and is never missing behind it.
        self.timeline.append(&note::entries(delivery, &attempt, next)).await?;
        if next == NextStep::DisableEndpoint {
            // Before the booking: behind it no message would come back to do it, nor if another message booked first.
            self.breaker.disable(&of, attempt.at, DisabledReason::Gone).await?;
        }
        let delay = self.delay(next);
        match self.deliveries.book(delivery, &attempt, next, delay.is_none()).await {
            // Two messages for one attempt: the one that has booked it sees to what follows.
            Err(StoreError::Conflict) => return Ok(()),
            other => other?,
        }
        if let Some(delay) = delay {
            self.queue_next(delivery, &attempt, delay).await;
        }
        if matches!(next, NextStep::Delivered | NextStep::GiveUp | NextStep::DisableEndpoint) {
            self.lanes.leave(delivery, &stored.endpoint).await?;
        }
        match next {
            NextStep::Delivered => self.breaker.succeeded(&of, standing, attempt.at).await,
            NextStep::DisableEndpoint => self.breaker.gone(&of, attempt.at).await,
            NextStep::RetryAt(_) | NextStep::GiveUp | NextStep::Park => {
                self.breaker.failed(&of, standing, attempt.at, reason == Reason::Probe).await
            }
        }
    }

    fn next_step(
        &self,
        delivery: &Delivery,
        endpoint: &Endpoint,
        attempt: &Attempt,
        reason: Reason,
    ) -> NextStep {
        let schedule = self.breaker.schedule(endpoint);
        match schedule.next_step(attempt, delivery.attempts_before, self.entropy.as_ref()) {
            NextStep::RetryAt(_) | NextStep::GiveUp if reason == Reason::Probe => NextStep::Park,
            next => next,
        }
    }

    /// How long the pointer to the next attempt waits in the queue, if there is one and that is not too long.
    fn delay(&self, next: NextStep) -> Option<u32> {
        let NextStep::RetryAt(at) = next else {
            return None;
        };
        Some(wait_seconds(self.clock.now(), at)).filter(|wait| *wait <= MAX_DELAY_SECONDS)
    }

    /// Queues the attempt behind one that is booked. What the queue does not take the sweep finds some minutes later; the
    /// message that led here has nothing more to do.
    async fn queue_next(&self, delivery: &Delivery, attempt: &Attempt, delay_seconds: u32) {
        let message = pointer::to_next_attempt(delivery, attempt.number, delay_seconds);
        if let Err(error) = self.retries.send(message).await {
            let (delivery_id, error_detail) = (delivery.id.as_str(), error.to_string());
            tracing::error!(
                delivery_id,
                error_detail,
                metric = "message_unsent",
                "the next attempt is not queued"
            );
        }
    }

    /// The endpoint's key and, until receivers have had time to take it, the one before it.
    async fn signer(&self, stored: &StoredEndpoint) -> Result<Signer, StoreError> {
        let now = self.clock.now();
        let previous = stored.previous_secret.as_ref().filter(|previous| now < previous.until);
        let sealed = std::iter::once(&stored.sealed_secret).chain(previous.map(|previous| &previous.sealed));
        let mut keys = Vec::new();
        for sealed in sealed {
            keys.push(self.key(&stored.endpoint, sealed).await?);
        }
        Ok(Signer::new(keys))
    }

    async fn key(&self, endpoint: &Endpoint, sealed: &str) -> Result<SigningKey, StoreError> {
        let context = Context::endpoint(&endpoint.merchant_id, &endpoint.id);
        let text = self.opener.open(&context, sealed).await?;
        SigningKey::parse(&text).map_err(|error| StoreError::Corrupt {
            table: "webhooks".to_owned(),
            key: endpoint.id.to_string(),
            detail: error.to_string(),
        })
    }
}

fn log(delivery: &Delivery, attempt: &Attempt, next: NextStep) {
    let (http_status, error) = (attempt.outcome.http_status(), attempt.outcome.error());
    tracing::info!(
        delivery_id = delivery.id.as_str(),
        endpoint_id = delivery.endpoint_id.as_str(),
        merchant_id = delivery.merchant_id.as_str(),
        transaction_id = delivery.transaction_id.as_ref().map_or("", |id| id.as_str()),
        correlation_id = delivery.correlation_id.as_deref().unwrap_or(""),
        attempt = attempt.number,
        duration_ms = attempt.duration_ms,
        http_status = http_status.unwrap_or(0),
        error = error.map_or("", AttemptError::as_str),
        next = format!("{next:?}"),
        "webhook attempted"
    );
}
