//! The share of payments that fail, against what is usual. A debit-order bureau that sees three in ten come back is
//! well; a wallet that does is not.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Tally, Thresholds};

/// Minutes of the present that are judged.
pub(super) const RECENT_MINUTES: i64 = 15;
/// Outcomes that what is usual must rest on.
const USUAL_SAMPLES: u32 = 100;
/// Outcomes after which older ones begin to count half.
const MEMORY_SAMPLES: u32 = 2_000;
/// Outcomes without which the present is not judged to be well.
const WELL_SAMPLES: u32 = 5;
/// Successes that must be missing, in thousandths. Somebody who tries stolen cards adds failures and takes no success away.
const MISSING_MILLI: u64 = 10_000;
/// Of so many callbacks at least one is of a payment that was recorded beforehand, where payments usually are.
const CALLBACKS_OF_RECORDED: u32 = 4;
/// The most that a provider that is well is above what is usual. Less than the margin of trouble: that is the hysteresis.
pub(super) const WELL_MARGIN: u32 = 100;

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

    /// Whether failures are far above the usual: by 250 in a thousand, or 40 % of what is left to fail, unless the merchant says
    /// otherwise.
    pub(super) fn is_trouble(&self, recent: &Tally, thresholds: &Thresholds) -> bool {
        recent.outcomes() >= thresholds.least_outcomes
            && self.is_known()
            && recent.failed_per_mille() > self.trouble_limit(thresholds)
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

    pub(super) fn numbers(&self, recent: &Tally, thresholds: &Thresholds) -> Value {
        json!({
            "window_minutes": RECENT_MINUTES,
            "outcomes": recent.outcomes(),
            "failed": recent.failed,
            "failed_per_mille": recent.failed_per_mille(),
            "usual_failed_per_mille": self.usual(),
            "limit_failed_per_mille": self.trouble_limit(thresholds),
        })
    }

    fn is_known(&self) -> bool {
        self.as_tally().outcomes() >= USUAL_SAMPLES
    }

    fn usual(&self) -> u32 {
        self.as_tally().failed_per_mille()
    }

    fn trouble_limit(&self, thresholds: &Thresholds) -> u32 {
        let left = 1000_u32.saturating_sub(self.usual());
        let margin = thresholds.failures_above_usual_per_mille;
        // Of what is left, 40 % where the margin is the usual 250, and as much more or less as that is.
        let of_left = left.saturating_mul(margin).saturating_mul(8) / 5000;
        self.usual().saturating_add(margin.max(of_left)).min(950)
    }

    fn as_tally(&self) -> Tally {
        Tally { succeeded: self.succeeded, failed: self.failed, ..Tally::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(succeeded: u32, failed: u32) -> Rates {
        Rates { succeeded, failed, ..Rates::default() }
    }

    /// With the usual threshold it is what it was when all merchants had the same: 250, or 40 % of what is left to fail.
    #[test]
    fn trouble_is_as_far_above_the_usual_as_the_merchant_says() {
        let cases = [
            (rates(970, 30), 250, 418),
            (rates(700, 300), 250, 580),
            (rates(300, 700), 250, 950),
            (rates(970, 30), 150, 262),
            (rates(970, 30), 500, 806),
            (rates(970, 30), 900, 950),
            (rates(500, 500), 150, 650),
        ];
        for (rates, failures_above_usual_per_mille, expected) in cases {
            let thresholds = Thresholds { failures_above_usual_per_mille, ..Thresholds::default() };
            assert_eq!(
                rates.trouble_limit(&thresholds),
                expected,
                "{rates:?} {failures_above_usual_per_mille}"
            );
        }
    }
}
