//! A client's secrets: one, and for a while the one before it, so that a rotation needs no moment at which all of the client's
//! processes change over.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::Client;
use crate::secret;
use crate::time::Timestamp;

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The hash of it.
    pub hash: String,
    /// When it ends.
    pub valid_until: Timestamp,
}

/// A new secret in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The hash of the new one.
    pub secret_hash: String,
    /// The one that it replaces, if that stays good for a while.
    pub previous: Option<PreviousSecret>,
}

impl Replacement {
    /// Seconds for which the secret before stays good, unless somebody says otherwise: a day.
    pub const OVERLAP_SECONDS: u32 = 24 * 3600;
    /// What somebody may say: from at once, for a secret that leaked, to a week.
    pub const OVERLAPS: RangeInclusive<u32> = 0..=7 * 24 * 3600;
}

impl Client {
    /// The hash of the secret that this is: the client's, or the one before while it is good.
    #[must_use]
    pub fn secret_behind(&self, presented: &str, now: Timestamp) -> Option<&str> {
        self.good_hashes(now).find(|hash| secret::verify(presented, hash))
    }

    /// Whether this is the client's secret, or the one before while it is good.
    #[must_use]
    pub fn has_secret(&self, presented: &str, now: Timestamp) -> bool {
        self.secret_behind(presented, now).is_some()
    }

    /// Whether the secret of this hash is the client's, or the one before while it is good.
    #[must_use]
    pub fn keeps(&self, hash: &str, now: Timestamp) -> bool {
        self.good_hashes(now).any(|good| good == hash)
    }

    fn good_hashes(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous_secret.as_ref().filter(|previous| previous.valid_until > now);
        let previous = previous.map(|previous| previous.hash.as_str());
        std::iter::once(self.secret_hash.as_str()).chain(previous)
    }

    /// A new secret, of this hash, for the client. A secret before the present one ends at once, whatever it was promised: of
    /// three that are good at a time nobody would know which are in use.
    #[must_use]
    pub fn replace_secret(&self, secret_hash: String, overlap_seconds: u32, now: Timestamp) -> Replacement {
        let valid_until = now.plus_seconds(i64::from(overlap_seconds));
        let previous = PreviousSecret { hash: self.secret_hash.clone(), valid_until };
        Replacement { secret_hash, previous: (overlap_seconds > 0).then_some(previous) }
    }

    /// The same client with its new secret.
    #[must_use]
    pub fn with_secret(self, replacement: Replacement) -> Self {
        Self { secret_hash: replacement.secret_hash, previous_secret: replacement.previous, ..self }
    }
}
