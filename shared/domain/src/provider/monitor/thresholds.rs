//! From when on a provider is in trouble: what a merchant may set. How long trouble has to last and how it ends is the same for
//! all.

use serde::{Deserialize, Serialize};

use super::rates;

/// A merchant's thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thresholds {
    /// Outcomes without which the present is not judged to be trouble.
    pub least_outcomes: u32,
    /// The least that trouble is above what is usual, in failures per thousand.
    pub failures_above_usual_per_mille: u32,
    /// Minutes that a silence lasts at least.
    pub silent_minutes: u32,
    /// Callbacks that must be missing in a silence. Were they independent of one another, twenty would be missing by chance once
    /// in e²⁰ times; real ones come in bursts, which is what the margin is for.
    pub missing_callbacks: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            least_outcomes: 20,
            failures_above_usual_per_mille: 250,
            silent_minutes: 10,
            missing_callbacks: 20,
        }
    }
}

impl Thresholds {
    /// The least that trouble can be above the usual: half as much again as a provider that is well may be, so that it does not
    /// flap.
    pub const LEAST_MARGIN: u32 = rates::WELL_MARGIN + rates::WELL_MARGIN / 2;

    /// The minutes of a silence, as minutes are counted.
    pub(super) fn silent_minutes(&self) -> i64 {
        i64::from(self.silent_minutes)
    }

    /// The missing callbacks, in thousandths.
    pub(super) fn missing_milli(&self) -> u64 {
        u64::from(self.missing_callbacks).saturating_mul(1000)
    }
}
