//! How long payments take to succeed: counted in steps, so that many minutes of many processes add up to one median.

/// The upper ends of the steps, in seconds; what took longer than the last one is counted in it.
const STEPS: [u32; 24] = [
    1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200,
    86_400, 259_200,
];

/// Payments by how long they took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits([u32; STEPS.len()]);

impl Waits {
    /// How many steps there are.
    pub const STEPS: usize = STEPS.len();

    /// Counts a payment.
    pub fn count(&mut self, seconds: i64) {
        let last = STEPS.len().saturating_sub(1);
        let step = STEPS.iter().position(|end| seconds <= i64::from(*end)).unwrap_or(last);
        self.count_step(step, 1);
    }

    /// Counts payments of a step by its number, as [`Waits::steps`] tells it.
    pub fn count_step(&mut self, step: usize, payments: u32) {
        if let Some(count) = self.0.get_mut(step) {
            *count = count.saturating_add(payments);
        }
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        others.steps().for_each(|(step, payments)| self.count_step(step, payments));
    }

    /// The steps that have payments, by number.
    pub fn steps(&self) -> impl Iterator<Item = (usize, u32)> {
        self.0.iter().copied().enumerate().filter(|(_, payments)| *payments > 0)
    }

    /// The upper end of the step that the median is in, in seconds: half of the payments took this long at most. None without
    /// payments.
    #[must_use]
    pub fn median_seconds(&self) -> Option<u32> {
        let all: u64 = self.steps().map(|(_, payments)| u64::from(payments)).sum();
        let mut below = 0_u64;
        for (step, payments) in self.steps() {
            below = below.saturating_add(u64::from(payments));
            if below.saturating_mul(2) >= all {
                return STEPS.get(step).copied();
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(seconds: &[i64]) -> Waits {
        let mut waits = Waits::default();
        seconds.iter().for_each(|seconds| waits.count(*seconds));
        waits
    }

    #[test]
    fn the_median_is_the_end_of_its_step() {
        let cases: [(&[i64], Option<u32>); 6] = [
            (&[], None),
            (&[-3], Some(1)),
            (&[4], Some(5)),
            (&[2, 40, 50_000], Some(45)),
            (&[2, 2, 50_000, 50_000], Some(2)),
            (&[10_000_000], Some(259_200)),
        ];
        for (seconds, median) in cases {
            assert_eq!(of(seconds).median_seconds(), median, "{seconds:?}");
        }
    }

    proptest! {
        #[test]
        fn it_is_never_below_the_true_one(mut seconds in prop::collection::vec(0_i64..259_200, 1..50), at in 0_usize..50) {
            let (first, second) = seconds.split_at(at.min(seconds.len()));
            let mut sum = of(first);
            sum.add(&of(second));
            prop_assert_eq!(sum, of(&seconds));
            seconds.sort_unstable();
            let median = seconds[(seconds.len() - 1) / 2];
            prop_assert!(i64::from(sum.median_seconds().unwrap()) >= median);
        }
    }
}
