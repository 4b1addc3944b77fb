//! Waiting: before what a table did not take is sent once more, and between writes that one partition could not take at once.

use std::sync::Arc;
use std::time::Duration;

use paywarden_domain::entropy::{Entropy, random_bytes};
use tokio::time::Instant;

/// The longest first wait, where nobody says another; each further one may be twice as long as the one before it.
const FIRST: Duration = Duration::from_millis(25);

/// Waits before something is given up, where nobody says how many.
const WAITS: u32 = 8;

/// What one partition of a table or an index takes in a second is 1,000 write units, whatever the table takes. Some are left
/// to others. Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>.
const UNITS_A_SECOND: u32 = 800;

/// Bytes that one write unit takes.
const UNIT_BYTES: usize = 1024;

/// The waits between the tries of one thing. Each is anything between nothing and its longest: those who were refused
/// together must not come back together.
pub struct Patience {
    entropy: Arc<dyn Entropy>,
    first: Duration,
    waits: u32,
    most: u32,
}

impl Patience {
    /// Eight waits: six seconds together at the most, three as a rule.
    #[must_use]
    pub fn new(entropy: &Arc<dyn Entropy>) -> Self {
        Self::of(entropy, FIRST, WAITS)
    }

    /// So many waits, of which the first is this long at the most.
    #[must_use]
    pub fn of(entropy: &Arc<dyn Entropy>, first: Duration, waits: u32) -> Self {
        Self { entropy: Arc::clone(entropy), first, waits: 0, most: waits }
    }

    /// Waits; answers whether to try once more.
    pub async fn wait(&mut self) -> bool {
        let Some(wait) = self.next_wait() else {
            return false;
        };
        tokio::time::sleep(wait).await;
        true
    }

    /// Begins anew: some of it went through.
    pub(crate) const fn renew(&mut self) {
        self.waits = 0;
    }

    fn next_wait(&mut self) -> Option<Duration> {
        let longest = self.first.saturating_mul(2_u32.saturating_pow(self.waits));
        self.waits = Some(self.waits.saturating_add(1)).filter(|waits| *waits <= self.most)?;
        let longest = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        let random = u64::from_le_bytes(random_bytes(self.entropy.as_ref()));
        Some(Duration::from_micros(random.checked_rem(longest).unwrap_or_default()))
    }
}

/// How fast one partition is written. The first second's units are spent at once.
#[derive(Default)]
pub(crate) struct Pace {
    /// When all units that were spent will have been earned.
    earned: Option<Instant>,
}

impl Pace {
    /// Waits until so many units can be spent, and spends them.
    pub(crate) async fn spend(&mut self, units: u32) {
        let wait = self.wait_at(Instant::now(), units);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    fn wait_at(&mut self, now: Instant, units: u32) -> Duration {
        let earned = self.earned.map_or(now, |earned| earned.max(now));
        let takes = Duration::from_secs(units.into()).checked_div(UNITS_A_SECOND).unwrap_or_default();
        self.earned = earned.checked_add(takes);
        earned.saturating_duration_since(now).saturating_sub(Duration::from_secs(1))
    }
}

/// Write units of an item of so many bytes.
pub(crate) fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says the same number again and again.
    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn waits(entropy: impl Entropy + 'static) -> Vec<Duration> {
        let mut patience = Patience::new(&(Arc::new(entropy) as Arc<dyn Entropy>));
        std::iter::from_fn(|| patience.next_wait()).collect()
    }

    #[test]
    fn each_wait_is_anything_up_to_twice_the_one_before_and_then_it_is_over() {
        assert_eq!(waits(Always(0)), [Duration::ZERO; WAITS as usize]);
        for seed in 1..=u8::MAX {
            let waits = waits(Always(seed));
            assert_eq!(waits.len(), 8);
            for (wait, longest) in waits.iter().zip([25, 50, 100, 200, 400, 800, 1_600, 3_200]) {
                assert!(*wait < Duration::from_millis(longest), "{wait:?} of {longest}");
            }
        }
        let mut patience = Patience::new(&(Arc::new(Always(7)) as Arc<dyn Entropy>));
        while patience.next_wait().is_some() {}
        patience.renew();
        assert!(patience.next_wait().is_some(), "what goes forward is gone on with");
    }

    #[test]
    fn a_partition_is_given_no_more_than_it_takes() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.wait_at(now, 800), Duration::ZERO);
        assert_eq!(pace.wait_at(now, 400), Duration::ZERO, "the units of the second to come");
        assert_eq!(pace.wait_at(now, 400), Duration::from_millis(500));
        assert_eq!(pace.wait_at(now, 1), Duration::from_secs(1));
        assert_eq!(pace.wait_at(now + Duration::from_secs(9), 1), Duration::ZERO, "rest is not saved up");
        assert_eq!(pace.wait_at(now + Duration::from_secs(9), 1_600), Duration::ZERO);
        assert_eq!(pace.wait_at(now + Duration::from_secs(9), 1), Duration::from_micros(1_001_250));
        assert_eq!([units(0), units(1), units(1024), units(1025)], [0, 1, 1, 2]);
    }
}
