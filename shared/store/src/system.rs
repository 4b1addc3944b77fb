//! The process's clock and randomness. Everything else takes them through their traits.

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::{Clock, Timestamp};

/// The clock on the wall.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that implements the Clock trait")]
        let now = jiff::Timestamp::now();
        #[expect(
            clippy::expect_used,
            reason = "a machine whose clock is outside the years 1 to 9999 can do nothing"
        )]
        Timestamp::from_micros(now.as_microsecond()).expect("the clock shows a year of the calendar")
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place that implements the Entropy trait")]
        #[expect(
            clippy::expect_used,
            reason = "without randomness no secret may be made; the function must fail"
        )]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
