//! The share of payments that fail, against what is usual. A debit-order bureau that sees three in ten come back is
//! well; a wallet that does is not.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Tally;

/// Minutes of the present that are judged.
pub(super) const RECENT_MINUTES: i64 = 15;
/// Outcomes that what is usual must rest on.
const USUAL_SAMPLES: u32 = 100;
/// Outcomes after which older ones begin to count half.
const MEMORY_SAMPLES: u32 = 2_000;
/// Outcomes without which the present is not judged to be trouble.
const TROUBLE_SAMPLES: u32 = 20;
/// Outcomes without which the present is not judged to be well.
const WELL_SAMPLES: u32 = 5;
/// The least that trouble is above what is usual, in failures per thousand.
const TROUBLE_MARGIN: u32 = 250;
/// Successes that must be missing, in thousandths. Somebody who tries stolen cards adds failures and takes no success away.
const MISSING_MILLI: u64 = 10_000;
/// Of so many callbacks at least one is of a payment that was recorded beforehand, where payments usually are.
const CALLBACKS_OF_RECORDED: u32 = 4;
/// The most that a provider that is well is above what is usual. Less than the margin above: that is the hysteresis.
const WELL_MARGIN: u32 = 100;

/// How many outcomes were failures, newer ones counting more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rates {
    succeeded: u32,
    failed: u32,
    /// Callbacks in the same time.
    #[serde(default)]
    received: u32,
    /// Payments recorded in the same time.
    #[serde(default)]
    used: u32,
}

impl Rates {
    pub(super) fn learn(&mut self, tally: &Tally) {
        self.succeeded = self.succeeded.saturating_add(tally.succeeded);
        self.failed = self.failed.saturating_add(tally.failed);
        self.received = self.received.saturating_add(tally.received);
        self.used = self.used.saturating_add(tally.used);
        if self.as_tally().outcomes().max(self.received).max(self.used) > MEMORY_SAMPLES {
            for count in [&mut self.succeeded, &mut self.failed, &mut self.received, &mut self.used] {
                *count /= 2;
            }
        }
    }

    /// Whether three in five successes are missing of those that so many callbacks, in thousandths, usually bring; none while
    /// that is not known.
    pub(super) fn lacks_success(&self, recent: &Tally, callbacks_milli: u64) -> Option<bool> {
        let usual = callbacks_milli.saturating_mul(u64::from(self.succeeded));
        let usual = usual.checked_div(u64::from(self.received))?;
        let come = u64::from(recent.succeeded).saturating_mul(1000);
        let missing = usual.saturating_sub(come);
        Some(missing >= MISSING_MILLI && missing.saturating_mul(5) > usual.saturating_mul(3))
    }

    /// Callbacks, in thousandths, that so many recorded payments usually bring; none where payments are mostly heard of from
    /// the provider.
    pub(super) fn callbacks_milli(&self, recorded: u32) -> Option<u64> {
        if self.used.saturating_mul(CALLBACKS_OF_RECORDED) < self.received {
            return None;
        }
        let callbacks = u64::from(recorded).saturating_mul(1000).saturating_mul(u64::from(self.received));
        callbacks.checked_div(u64::from(self.used))
    }

    /// Whether failures are far above the usual: by 250 in a thousand, or 40 % of what is left to fail.
    pub(super) fn is_trouble(&self, recent: &Tally) -> bool {
        recent.outcomes() >= TROUBLE_SAMPLES
            && self.is_known()
            && recent.failed_per_mille() > self.trouble_limit()
    }

    pub(super) fn is_well(&self, recent: &Tally) -> bool {
        recent.outcomes() >= WELL_SAMPLES
            && recent.failed_per_mille() <= self.usual().saturating_add(WELL_MARGIN)
    }

    pub(super) fn reason(&self, recent: &Tally) -> String {
        format!(
            "{} of the last {} payments failed; usual is {} in a thousand",
            recent.failed,
            recent.outcomes(),
            self.usual()
        )
    }

    pub(super) fn numbers(&self, recent: &Tally) -> Value {
        json!({
            "window_minutes": RECENT_MINUTES,
            "outcomes": recent.outcomes(),
            "failed": recent.failed,
            "failed_per_mille": recent.failed_per_mille(),
            "usual_failed_per_mille": self.usual(),
            "limit_failed_per_mille": self.trouble_limit(),
        })
    }

    fn is_known(&self) -> bool {
        self.as_tally().outcomes() >= USUAL_SAMPLES
    }

    fn usual(&self) -> u32 {
        self.as_tally().failed_per_mille()
    }

    fn trouble_limit(&self) -> u32 {
        let left = 1000_u32.saturating_sub(self.usual());
        self.usual().saturating_add(TROUBLE_MARGIN.max(left.saturating_mul(2) / 5)).min(950)
    }

    fn as_tally(&self) -> Tally {
        Tally { succeeded: self.succeeded, failed: self.failed, ..Tally::default() }
    }
}
