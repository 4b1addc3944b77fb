//! The batch and its deliveries.

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::webhook::delivery::{NextStep, Pointer};
use paywarden_domain::webhook::retry::RetrySchedule;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::{Attempt, AttemptOutcome, Delivery, DeliveryStatus, EndpointStatus};
use paywarden_lambda_kit::batch::{self, Outcome};
use paywarden_store::StoreError;
use paywarden_store::queue::{MAX_DELAY_SECONDS, Message, Queue};
use paywarden_store::timeline::Timeline;
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{Deliveries, Endpoints, StoredEndpoint};
use serde_json::json;

use crate::attempt::Sender;

/// What the function works with.
pub struct Deps {
    pub endpoints: Endpoints,
    pub deliveries: Deliveries,
    pub timeline: Timeline,
    pub vault: Arc<dyn Vault>,
    pub retries: Arc<dyn Queue>,
    pub schedule: RetrySchedule,
    pub sender: Sender,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Handles a batch, its deliveries side by side; only messages that failed by our own fault come back.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    batch::process(event, |pointer: Pointer| async move {
        match handle_pointer(deps, &pointer).await {
            Ok(()) => Outcome::Done,
            Err(error) if error.is_retryable() => Outcome::Retry(error.to_string()),
            Err(error) => Outcome::GiveUp(error.to_string()),
        }
    })
    .await
}

async fn handle_pointer(deps: &Deps, pointer: &Pointer) -> Result<(), StoreError> {
    let Some(delivery) = deps.deliveries.find(&pointer.delivery_id).await? else {
        tracing::warn!(delivery_id = pointer.delivery_id.as_str(), "delivery is gone");
        return Ok(());
    };
    if delivery.status != DeliveryStatus::Pending {
        return Ok(());
    }
    if delivery.attempts >= pointer.attempt {
        // This attempt is booked. Whether the next one was queued is not known, so it is queued (again).
        return schedule(deps, &delivery, delivery.attempts, delivery.next_attempt_at).await;
    }
    let endpoint = deps.endpoints.find(&delivery.merchant_id, &delivery.endpoint_id).await?;
    match endpoint.filter(|stored| stored.endpoint.status == EndpointStatus::Enabled) {
        Some(endpoint) => deliver(deps, &delivery, &endpoint).await,
        None => deps.deliveries.abandon(&delivery).await,
    }
}

/// Posts, books, then queues what follows. A crash after the post sends it again; a crash after the booking is found
/// by the message, which comes again and queues the next attempt.
async fn deliver(deps: &Deps, delivery: &Delivery, stored: &StoredEndpoint) -> Result<(), StoreError> {
    let context = Context::endpoint(&delivery.merchant_id, &delivery.endpoint_id);
    let secret = deps.vault.open(&context, &stored.sealed_secret).await?;
    let secret = SigningSecret::parse(&secret).map_err(|error| StoreError::Corrupt {
        table: "webhooks".to_owned(),
        key: delivery.endpoint_id.to_string(),
        detail: error.to_string(),
    })?;
    let attempt = deps.sender.attempt(&stored.endpoint.url, &secret, delivery).await;
    let next = deps.schedule.next_step(&attempt, deps.entropy.as_ref());
    log(delivery, &attempt, next);
    // The entry overwrites itself, so it may be written before the booking, and is never missing behind it.
    deps.timeline.append(&note(delivery, &attempt, next).into_iter().collect::<Vec<_>>()).await?;
    let in_index = matches!(next, NextStep::RetryAt(at) if !fits_queue(deps, at));
    match deps.deliveries.book(delivery, &attempt, next, in_index).await {
        // Two messages for one attempt: the other one has booked it and sees to what follows.
        Err(StoreError::Conflict) => return Ok(()),
        other => other?,
    }
    match next {
        NextStep::RetryAt(at) => schedule(deps, delivery, attempt.number, Some(at)).await,
        NextStep::DisableEndpoint => {
            deps.endpoints.disable(&delivery.merchant_id, &delivery.endpoint_id).await
        }
        NextStep::Delivered | NextStep::GiveUp => Ok(()),
    }
}

/// Queues the attempt behind `attempts_made` with a delay. What is due later than a queue can hold stands in the due
/// index, from which the minute sweep queues it.
async fn schedule(
    deps: &Deps,
    delivery: &Delivery,
    attempts_made: u32,
    due: Option<Timestamp>,
) -> Result<(), StoreError> {
    let Some(at) = due.filter(|at| fits_queue(deps, *at)) else {
        return Ok(());
    };
    let pointer = Pointer { delivery_id: delivery.id.clone(), attempt: attempts_made.saturating_add(1) };
    let body = serde_json::json!(pointer).to_string();
    let message = Message {
        body,
        delay_seconds: wait_seconds(deps, at),
        group: Some(delivery.endpoint_id.to_string()),
        correlation_id: delivery.correlation_id.clone(),
    };
    deps.retries.send(message).await
}

fn fits_queue(deps: &Deps, at: Timestamp) -> bool {
    wait_seconds(deps, at) <= MAX_DELAY_SECONDS
}

fn wait_seconds(deps: &Deps, at: Timestamp) -> u32 {
    let micros = at.as_micros().saturating_sub(deps.clock.now().as_micros()).max(0);
    u32::try_from(micros.saturating_add(999_999) / 1_000_000).unwrap_or(u32::MAX)
}

fn log(delivery: &Delivery, attempt: &Attempt, next: NextStep) {
    let (http_status, error) = parts(&attempt.outcome);
    tracing::info!(
        delivery_id = delivery.id.as_str(),
        endpoint_id = delivery.endpoint_id.as_str(),
        merchant_id = delivery.merchant_id.as_str(),
        transaction_id = delivery.transaction_id.as_ref().map_or("", |id| id.as_str()),
        correlation_id = delivery.correlation_id.as_deref().unwrap_or(""),
        attempt = attempt.number,
        duration_ms = attempt.duration_ms,
        http_status = http_status.unwrap_or(0),
        error = error.unwrap_or(""),
        next = format!("{next:?}"),
        "webhook attempted"
    );
}

/// The attempt on the transaction's timeline.
fn note(delivery: &Delivery, attempt: &Attempt, next: NextStep) -> Option<(Subject, Entry)> {
    let transaction = delivery.transaction_id.clone()?;
    let (http_status, error) = parts(&attempt.outcome);
    let ending = match (http_status, error) {
        (Some(status), _) => format!("answered {status}"),
        (None, error) => format!("failed: {}", error.unwrap_or("unknown")),
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

fn parts(outcome: &AttemptOutcome) -> (Option<u16>, Option<&'static str>) {
    match outcome {
        AttemptOutcome::Delivered { http_status } => (Some(*http_status), None),
        AttemptOutcome::Failed { error, http_status, .. } => (*http_status, Some(error.as_str())),
    }
}

#[cfg(test)]
mod tests;
