//! An attempt as it stands in its delivery's row: one write books both.

use paywarden_domain::time::{Timestamp, Zone};
use paywarden_domain::webhook::{Attempt, AttemptError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An attempt that was booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempted {
    pub number: u32,
    pub at: Timestamp,
    pub duration_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AttemptError>,
    /// The header `webhook-signature`, if it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The first bytes of the answer, as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub response_excerpt: String,
}

impl Attempted {
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            http_status: attempt.outcome.http_status(),
            error: attempt.outcome.error(),
            signature: attempt.signature.clone(),
            response_excerpt: attempt.response_excerpt.clone(),
        }
    }

    /// The attempt as the API shows it, without its request.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        json!({
            "number": self.number,
            "at": zone.offset_text_millis(self.at),
            "duration_ms": self.duration_ms,
            "http_status": self.http_status,
            "error": self.error,
            "response": self.response_excerpt,
        })
    }
}
