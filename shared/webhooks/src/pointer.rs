//! Messages that ask for an attempt.

use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_store::queue::Message;

use crate::errand::Errand;

/// Seconds for which the sweep leaves a delivery to whoever has it: as long as a message can come again and again before it
/// is a dead letter.
pub(crate) const HOLD_SECONDS: i64 = 900;

/// The message for the attempt behind `attempts_made`. Endpoints share a queue fairly.
pub(crate) fn to_next_attempt(delivery: &Delivery, attempts_made: u32, delay_seconds: u32) -> Message {
    let pointer = Pointer { key: delivery.key(), attempt: attempts_made.saturating_add(1) };
    Message {
        body: serde_json::json!(Errand::Attempt(pointer)).to_string(),
        delay_seconds,
        group: Some(delivery.endpoint_id.to_string()),
        correlation_id: delivery.correlation_id.clone(),
    }
}
