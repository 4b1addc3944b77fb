//! A callback as it came in, and what can be said of it.

use http::HeaderMap;
use paywarden_domain::time::Timestamp;
use serde_json::{Value, json};

/// A callback.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    pub headers: &'a HeaderMap,
    /// The path it was sent to.
    pub path: &'a str,
    /// The unguessable last part of the path, for providers that have nothing better.
    pub path_token: Option<&'a str>,
    pub body: &'a [u8],
    pub received_at: Timestamp,
}

impl<'a> Callback<'a> {
    /// A header's value, if it is there once and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why a callback is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What should prove where it comes from is not there.
    #[error("missing_signature")]
    MissingSignature,
    /// It proves nothing.
    #[error("wrong_signature")]
    WrongSignature,
    /// It was signed too long ago, or in the future.
    #[error("stale_timestamp")]
    StaleTimestamp,
    /// The signature is right, and what came along with it does not fit what was signed.
    #[error("inconsistent")]
    Inconsistent,
    /// The configured credentials cannot be used.
    #[error("unusable_credentials")]
    UnusableCredentials,
}

/// A member that is not what the provider documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {expected}")]
pub struct Malformed {
    pub field: String,
    pub expected: String,
    /// Whether it is of the documented kind, and only too long or not printable, so that no record could hold it.
    pub beyond_bounds: bool,
}

/// What the provider is answered when its callback was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub status: u16,
    pub body: Value,
}

impl Default for Acknowledgement {
    fn default() -> Self {
        Self { status: 200, body: json!({"status": true}) }
    }
}
