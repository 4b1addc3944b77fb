//! Delivering: one attempt at one delivery, booked, and what follows it queued.

use std::sync::Arc;

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::webhook::delivery::{DeliveryKey, NextStep, Pointer};
use paywarden_domain::webhook::endpoint::DisabledReason;
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_domain::webhook::signing::{Signer, SigningKey};
use paywarden_domain::webhook::{Attempt, AttemptError, Delivery, DeliveryStatus, Endpoint, EndpointStatus};
use paywarden_store::queue::{MAX_DELAY_SECONDS, Queue};
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::{Context, Opener};
use paywarden_store::webhooks::{Deliveries, Due, Endpoints, StoredEndpoint};
use paywarden_store::{StoreError, passing_over};
use serde_json::json;

use crate::attempt::{Sender, TIME_LIMIT};
use crate::pointer::{self, HOLD_SECONDS};

/// Longer than an attempt with all that belongs to it, in seconds.
const ATTEMPT_SECONDS: i64 = 60;

/// Delivers webhooks.
pub struct Deliverer {
    endpoints: Endpoints,
    deliveries: Deliveries,
    timeline: Timeline,
    opener: Arc<dyn Opener>,
    retries: Arc<dyn Queue>,
    schedule: RetrySchedule,
    sender: Sender,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Deliverer {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            endpoints: stores.endpoints()?,
            deliveries: stores.deliveries()?,
            timeline: stores.timeline()?,
            opener: stores.opener(),
            retries: stores.webhook_retries()?,
            schedule: stores.webhook_retry_schedule()?,
            sender: Sender::new(stores.webhook_addresses()?, TIME_LIMIT, stores.clock()),
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
        let is_booked = delivery.attempts >= pointer.attempt;
        if delivery.status != DeliveryStatus::Pending || is_booked || !self.is_ours(due).await? {
            return Ok(());
        }
        match self.endpoints.find(&delivery.merchant_id, &delivery.endpoint_id).await? {
            Some(stored) if stored.endpoint.status == EndpointStatus::Enabled => {
                self.deliver(&delivery, &stored).await
            }
            Some(_) | None => self.deliveries.abandon(&delivery).await,
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
    async fn is_ours(&self, due: Option<Due>) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some(due) = due.filter(|due| due.at <= now.plus_seconds(ATTEMPT_SECONDS)) else {
            return Ok(true);
        };
        match self.deliveries.hold(&due, now.plus_seconds(HOLD_SECONDS)).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Posts, books, then queues what follows. A crash after the post sends it again; after a crash behind the booking the
    /// sweep finds what follows.
    async fn deliver(&self, delivery: &Delivery, stored: &StoredEndpoint) -> Result<(), StoreError> {
        let signer = self.signer(stored).await?;
        let attempt = self.sender.attempt(&stored.endpoint.url, &signer, delivery).await?;
        let next = self.schedule.next_step(&attempt, delivery.attempts_before, self.entropy.as_ref());
        log(delivery, &attempt, next);
        // An entry tells of a post that was made, so it may be written before the booking, and is never missing behind it.
        self.timeline.append(&note(delivery, &attempt, next).into_iter().collect::<Vec<_>>()).await?;
        if next == NextStep::DisableEndpoint {
            // Before the booking: behind it no message would come back to do it, nor if another message booked first.
            let (merchant, endpoint) = (&delivery.merchant_id, &delivery.endpoint_id);
            self.endpoints.disable(merchant, endpoint, attempt.at, DisabledReason::Gone).await?;
        }
        let in_index = matches!(next, NextStep::RetryAt(at) if !self.fits_queue(at));
        match self.deliveries.book(delivery, &attempt, next, in_index).await {
            // Two messages for one attempt: the one that has booked it sees to what follows.
            Err(StoreError::Conflict) => return Ok(()),
            other => other?,
        }
        if let (NextStep::RetryAt(at), false) = (next, in_index) {
            self.queue_next(delivery, &attempt, at).await;
        }
        Ok(())
    }

    /// Queues the attempt behind one that is booked. What the queue does not take the sweep finds some minutes later; the
    /// message that led here has nothing more to do.
    async fn queue_next(&self, delivery: &Delivery, attempt: &Attempt, at: Timestamp) {
        let message = pointer::to_next_attempt(delivery, attempt.number, self.wait_seconds(at));
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

    fn fits_queue(&self, at: Timestamp) -> bool {
        self.wait_seconds(at) <= MAX_DELAY_SECONDS
    }

    fn wait_seconds(&self, at: Timestamp) -> u32 {
        let micros = at.as_micros().saturating_sub(self.clock.now().as_micros()).max(0);
        u32::try_from(micros.saturating_add(999_999) / 1_000_000).unwrap_or(u32::MAX)
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

/// The attempt on the transaction's timeline.
fn note(delivery: &Delivery, attempt: &Attempt, next: NextStep) -> Option<(Subject, Entry)> {
    let transaction = delivery.transaction_id.clone()?;
    let (http_status, error) = (attempt.outcome.http_status(), attempt.outcome.error());
    let ending = match (http_status, error) {
        (Some(status), _) => format!("answered {status}"),
        (None, error) => format!("failed: {}", error.map_or("unknown", AttemptError::as_str)),
    };
    let detail = json!({
        "delivery_id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "event": delivery.event,
        "attempt": attempt.number,
        "duration_ms": attempt.duration_ms,
        "http_status": http_status,
        "error": error,
        "next_attempt_at": match next { NextStep::RetryAt(at) => Some(at), _ => None },
        "response": attempt.response_excerpt,
    });
    let identity = [delivery.id.as_str(), &attempt.number.to_string()];
    let summary = format!("Webhook attempt {} {ending}", attempt.number);
    let entry = Entry::new(
        EntryKind::WebhookAttempt,
        attempt.at,
        delivery.endpoint_id.as_str(),
        &identity,
        summary,
        detail,
    );
    Some((Subject::Transaction(transaction), entry.caused_by(delivery.correlation_id.as_deref())))
}
