//! Messages that ask for an attempt, and how long they are waited for.

use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::Delivery;
use paywarden_domain::webhook::delivery::Pointer;
use paywarden_store::queue::Message;

use crate::errand::{self, Errand};

/// Seconds for which the sweep leaves a delivery to whoever has it: as long as a message can come again and again before it
/// is a dead letter.
pub(crate) const HOLD_SECONDS: i64 = 900;

/// Seconds for which a message in a queue is trusted before the sweep sends another. That is longer than one is out of sight of
/// whom it comes back to after one failure of ours, and an attempt.
pub(crate) const PATIENCE_SECONDS: i64 = 300;

/// Longer than an attempt with all that belongs to it, in seconds.
pub(crate) const ATTEMPT_SECONDS: i64 = 60;

/// The message for the attempt behind `attempts_made`.
pub(crate) fn to_next_attempt(delivery: &Delivery, attempts_made: u32, delay_seconds: u32) -> Message {
    let pointer = Pointer { key: delivery.key(), attempt: attempts_made.saturating_add(1) };
    let message = errand::message(&Errand::Attempt(pointer), &delivery.endpoint_id, delay_seconds);
    Message { correlation_id: delivery.correlation_id.clone(), ..message }
}

/// Seconds from now until then, the last one whole.
pub(crate) fn wait_seconds(now: Timestamp, until: Timestamp) -> u32 {
    let micros = until.as_micros().saturating_sub(now.as_micros()).max(0);
    u32::try_from(micros.saturating_add(999_999) / 1_000_000).unwrap_or(u32::MAX)
}
