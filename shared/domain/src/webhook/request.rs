//! What an attempt sends beside the body.

/// The kind of every body.
pub const CONTENT_TYPE: &str = "application/json";

/// Who sends it.
pub const USER_AGENT: &str = concat!("Paywarden/", env!("CARGO_PKG_VERSION"));

/// The delivery's id, the same on every attempt.
pub const ID: &str = "webhook-id";

/// When the attempt is made, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";

/// What proves that it is from us.
pub const SIGNATURE: &str = "webhook-signature";
