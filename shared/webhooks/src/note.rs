//! What timelines say of an attempt.

use paywarden_domain::id::TransactionId;
use paywarden_domain::timeline::{Entry, EntryKind, Subject};
use paywarden_domain::webhook::delivery::NextStep;
use paywarden_domain::webhook::{Attempt, AttemptError, Delivery};
use serde_json::json;

/// The attempt on the timeline of each transaction that it tells of.
pub(crate) fn entries(delivery: &Delivery, attempt: &Attempt, next: NextStep) -> Vec<(Subject, Entry)> {
    let members = delivery.members.iter().map(|member| &member.transaction_id);
    let transactions = delivery.transaction_id.iter().chain(members);
    transactions.map(|transaction| entry(transaction, delivery, attempt, next)).collect()
}

fn entry(
    transaction: &TransactionId,
    delivery: &Delivery,
    attempt: &Attempt,
    next: NextStep,
) -> (Subject, Entry) {
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
    (Subject::Transaction(transaction.clone()), entry.caused_by(delivery.correlation_id.as_deref()))
}
