//! When many write one record: a code that is paid by a hall full of people has one first record, which counts its payments, and
//! each of them has to be the only one to write it for a moment.
//!
//! Whoever is outrun reads again, at once and then after waits that chance decides. Whoever is outrun again and again is put off:
//! the reports go back into the queue as a message of their own, to come in some seconds, and the message that they came in is
//! done with. So they are not out of sight until the queue believes that their process died, and being outrun does not make
//! a dead letter of a payment.

use std::sync::Arc;
use std::time::Duration;

use paywarden_domain::entropy::{Entropy, random_bytes};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::Report;
use paywarden_store::StoreError;
use paywarden_store::patience::Patience;
use paywarden_store::queue::Queue;

use crate::intake;

/// The longest first wait of a report that is outrun: about what reading, deciding and writing takes, twice. Who got through goes
/// on with the next payment meanwhile.
const FIRST: Duration = Duration::from_millis(60);

/// Waits of a report that is outrun: less than half a second as a rule, so that ten messages of one reference, one after the
/// other, stay within half of the function's time.
const WAITS: u32 = 4;

/// Times that reports are put off: about five minutes. Whom nobody lets in for so long fails as anything else does, and is
/// a dead letter in the end: it may be another thing than a crowd.
const PUT_OFFS: u32 = 20;

/// The longest that reports are put off for the first time, in seconds; for each further time twice as long.
const FIRST_SECONDS: u32 = 4;

/// The longest that reports are put off, in seconds.
const MOST_SECONDS: u32 = 30;

/// The tries of one report.
pub(crate) struct Tries {
    patience: Patience,
    was_outrun: bool,
}

impl Tries {
    pub(crate) fn new(entropy: &Arc<dyn Entropy>) -> Self {
        Self { patience: Patience::of(entropy, FIRST, WAITS), was_outrun: false }
    }

    /// Answers whether to try once more: the first time at once, for two who met once seldom meet again.
    pub(crate) async fn again(&mut self) -> bool {
        if self.was_outrun {
            return self.patience.wait().await;
        }
        self.was_outrun = true;
        true
    }
}

/// Puts off the reports of a callback that were outrun.
pub(crate) async fn put_off(
    events: &Arc<dyn Queue>,
    entropy: &dyn Entropy,
    callback: &VerifiedCallback,
    outrun: Vec<Report>,
) -> Result<(), StoreError> {
    if callback.put_off >= PUT_OFFS {
        return Err(StoreError::Conflict);
    }
    let seconds = seconds(callback.put_off, entropy);
    tracing::info!(reports = outrun.len(), put_off = callback.put_off, seconds, "outrun, and put off");
    intake::queue_later(events, &callback.put_off(outrun), seconds).await
}

/// Anything from one to the longest: those who were outrun together do not come back together.
fn seconds(before: u32, entropy: &dyn Entropy) -> u32 {
    let longest = FIRST_SECONDS.saturating_mul(2_u32.saturating_pow(before)).min(MOST_SECONDS);
    let random = u32::from_le_bytes(random_bytes(entropy));
    random.checked_rem(longest).unwrap_or_default().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use paywarden_testing::SeededEntropy;

    use super::*;

    #[test]
    fn puts_off_by_anything_up_to_a_bound_that_grows() {
        let entropy = SeededEntropy::new(1);
        for (before, longest) in [(0, 4), (1, 8), (2, 16), (3, 30), (19, 30)] {
            let drawn: Vec<u32> = (0..400).map(|_| seconds(before, &entropy)).collect();
            assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&1), Some(&longest)));
        }
    }
}
