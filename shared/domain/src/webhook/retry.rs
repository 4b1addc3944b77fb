//! The retry schedule: growing waits, each stretched or shortened by up to a fifth so that deliveries which failed
//! together do not come back together.

use serde::{Deserialize, Serialize};

use crate::entropy::{Entropy, random_bytes};
use crate::webhook::delivery::{Attempt, AttemptOutcome, NextStep};

/// Longest wait that a receiver's `Retry-After` is granted: a day.
const MAX_RETRY_AFTER_SECONDS: u32 = 86_400;

const GONE: u16 = 410;

/// Waits that a merchant may choose.
const MAX_WAITS: usize = 15;

/// The longest of them, and all together, in seconds.
const MAX_WAIT_SECONDS: u32 = 86_400;
const MAX_TOTAL_SECONDS: u32 = 7 * 86_400;

/// The waits between attempts, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RetrySchedule(Vec<u32>);

/// Waits that a merchant may not choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {MAX_WAITS} waits of 1 to {MAX_WAIT_SECONDS} seconds, {MAX_TOTAL_SECONDS} together")]
pub struct OutOfBounds;

/// A text that is no schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected seconds separated by commas, such as 5,300,1800")]
pub struct InvalidSchedule;

impl RetrySchedule {
    /// Reads seconds separated by commas.
    ///
    /// # Errors
    /// [`InvalidSchedule`] when one of them is no number, or there is none.
    pub fn parse(text: &str) -> Result<Self, InvalidSchedule> {
        let waits: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        waits.map(Self).map_err(|_| InvalidSchedule)
    }

    /// The waits that a merchant chooses, each in seconds.
    ///
    /// # Errors
    /// [`OutOfBounds`].
    pub fn chosen(waits: Vec<u32>) -> Result<Self, OutOfBounds> {
        let total = waits.iter().fold(0, |total: u32, wait| total.saturating_add(*wait));
        let each = waits.iter().all(|wait| (1..=MAX_WAIT_SECONDS).contains(wait));
        let fits = (1..=MAX_WAITS).contains(&waits.len()) && each && total <= MAX_TOTAL_SECONDS;
        if fits { Ok(Self(waits)) } else { Err(OutOfBounds) }
    }

    /// The waits, in seconds.
    #[must_use]
    pub fn waits(&self) -> &[u32] {
        &self.0
    }

    /// What follows `attempt`, behind `attempts_before` that belong to an earlier round.
    #[must_use]
    pub fn next_step(&self, attempt: &Attempt, attempts_before: u32, entropy: &dyn Entropy) -> NextStep {
        let retry_after = match &attempt.outcome {
            AttemptOutcome::Delivered { .. } => return NextStep::Delivered,
            AttemptOutcome::Failed { http_status: Some(GONE), .. } => return NextStep::DisableEndpoint,
            AttemptOutcome::Failed { retry_after_seconds, .. } => retry_after_seconds.unwrap_or(0),
        };
        let made = attempt.number.saturating_sub(attempts_before);
        let index = usize::try_from(made.saturating_sub(1)).unwrap_or(usize::MAX);
        match self.0.get(index) {
            Some(wait) => {
                let wait = spread(*wait, entropy).max(retry_after.min(MAX_RETRY_AFTER_SECONDS));
                NextStep::RetryAt(attempt.at.plus_seconds(wait.into()))
            }
            None => NextStep::GiveUp,
        }
    }
}

/// `wait` times something between 0.8 and 1.2, at least a second.
fn spread(wait: u32, entropy: &dyn Entropy) -> u32 {
    let random = u64::from(u16::from_be_bytes(random_bytes::<2>(entropy)));
    let per_mille = 800 + random * 400 / u64::from(u16::MAX);
    u32::try_from(u64::from(wait) * per_mille / 1000).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::webhook::delivery::AttemptError;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn failed(number: u32, http_status: Option<u16>, retry_after_seconds: Option<u32>) -> Attempt {
        Attempt {
            number,
            at: Timestamp::from_seconds(1_000_000).unwrap(),
            duration_ms: 3,
            outcome: AttemptOutcome::Failed {
                error: AttemptError::HttpStatus,
                http_status,
                retry_after_seconds,
            },
            signature: None,
            response_excerpt: String::new(),
        }
    }

    fn wait(attempt: &Attempt, random: u8) -> Option<i64> {
        let schedule = RetrySchedule::parse("5, 300,1800").unwrap();
        match schedule.next_step(attempt, 0, &Fixed(random)) {
            NextStep::RetryAt(at) => Some(at.as_seconds() - 1_000_000),
            _ => None,
        }
    }

    #[test]
    fn waits_grow_and_are_spread_by_a_fifth() {
        assert_eq!((wait(&failed(1, None, None), 0), wait(&failed(1, None, None), 255)), (Some(4), Some(6)));
        assert_eq!(
            (wait(&failed(2, None, None), 0), wait(&failed(2, None, None), 255)),
            (Some(240), Some(360))
        );
        assert_eq!(wait(&failed(4, None, None), 0), None);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_within_bounds() {
        assert_eq!(wait(&failed(1, Some(503), Some(60)), 0), Some(60));
        assert_eq!(wait(&failed(2, Some(503), Some(60)), 0), Some(240));
        assert_eq!(wait(&failed(1, Some(503), Some(u32::MAX)), 0), Some(86_400));
    }

    #[test]
    fn gone_means_gone() {
        let schedule = RetrySchedule::parse("5").unwrap();
        assert_eq!(schedule.next_step(&failed(1, Some(410), None), 0, &Fixed(0)), NextStep::DisableEndpoint);
    }

    #[test]
    fn the_schedule_begins_anew_behind_an_earlier_round() {
        let schedule = RetrySchedule::parse("5,300").unwrap();
        let at = schedule.next_step(&failed(4, None, None), 3, &Fixed(0));
        assert_eq!(at, NextStep::RetryAt(Timestamp::from_seconds(1_000_004).unwrap()));
    }

    #[test]
    fn a_merchant_chooses_within_bounds() {
        assert!(RetrySchedule::chosen(vec![1, 86_400]).is_ok());
        for waits in [vec![], vec![0], vec![86_401], vec![1; 16], vec![86_400; 8]] {
            assert_eq!(RetrySchedule::chosen(waits.clone()), Err(OutOfBounds), "{waits:?}");
        }
    }

    #[test]
    fn schedules_are_numbers() {
        for text in ["", "5,", "five", "-1"] {
            assert_eq!(RetrySchedule::parse(text), Err(InvalidSchedule), "{text}");
        }
    }
}
