//! Doing the same again: what is done for a request that may come twice takes the time and its random bytes from what was
//! written down before it was done for the first time. So a second try, after the first was cut off, makes the same ids and
//! secrets, and meets what the first one left instead of making another.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use paywarden_domain::entropy::Entropy;
use paywarden_domain::time::{Clock, Timestamp};
use sha2::{Digest, Sha256};

tokio::task_local! {
    static BEGINNING: Beginning;
}

/// How something began that may be done again.
pub struct Beginning {
    /// When it was first asked for.
    at: Timestamp,
    seed: [u8; Beginning::SEED_BYTES],
    /// How many blocks of random bytes have been drawn.
    drawn: Mutex<u64>,
}

impl Beginning {
    /// Length of a seed, in bytes: nobody guesses what is drawn from it.
    pub const SEED_BYTES: usize = 32;

    /// What began at `at`. Whoever has the seed has every secret that is made from it.
    #[must_use]
    pub fn new(at: Timestamp, seed: [u8; Self::SEED_BYTES]) -> Self {
        Self { at, seed, drawn: Mutex::new(0) }
    }

    /// Does it, once more or for the first time. What it spawns has the system's time and randomness; what it joins has these.
    pub async fn run<T>(self, something: impl Future<Output = T>) -> T {
        BEGINNING.scope(self, something).await
    }

    /// The next block of random bytes: the hash of the seed with the block's number, as no block tells of another or of the seed.
    fn next_block(&self) -> [u8; 32] {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        *drawn = drawn.saturating_add(1);
        Sha256::new().chain_update(self.seed).chain_update(drawn.to_be_bytes()).finalize().into()
    }
}

/// A clock that stands still, for what may be done again.
pub(crate) struct RepeatableClock(pub(crate) Arc<dyn Clock>);

impl Clock for RepeatableClock {
    fn now(&self) -> Timestamp {
        BEGINNING.try_with(|beginning| beginning.at).unwrap_or_else(|_| self.0.now())
    }
}

/// Randomness that is the same each time, for what may be done again.
pub(crate) struct RepeatableEntropy(pub(crate) Arc<dyn Entropy>);

impl Entropy for RepeatableEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let repeatable = BEGINNING.try_with(|beginning| {
            for chunk in bytes.chunks_mut(32) {
                for (byte, drawn) in chunk.iter_mut().zip(beginning.next_block()) {
                    *byte = drawn;
                }
            }
        });
        if repeatable.is_err() {
            self.0.fill(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use paywarden_domain::entropy::random_bytes;

    use super::*;
    use crate::system::{SystemClock, SystemEntropy};

    async fn played(seed: u8) -> (Timestamp, [u8; 40], [u8; 8]) {
        let at = Timestamp::from_seconds(1_790_000_000).unwrap();
        let (clock, entropy) =
            (RepeatableClock(Arc::new(SystemClock)), RepeatableEntropy(Arc::new(SystemEntropy)));
        let something = async { (clock.now(), random_bytes(&entropy), random_bytes(&entropy)) };
        Beginning::new(at, [seed; Beginning::SEED_BYTES]).run(something).await
    }

    #[tokio::test]
    async fn the_same_beginning_gives_the_same_time_and_bytes() {
        assert_eq!(played(1).await, played(1).await);
        assert_ne!(played(1).await.1, played(2).await.1);
        let (_, first, second) = played(1).await;
        assert!(!first.starts_with(&second) && first[..8] != first[32..], "{first:?} {second:?}");
    }

    #[tokio::test]
    async fn without_one_it_is_the_systems() {
        let entropy = RepeatableEntropy(Arc::new(SystemEntropy));
        assert_ne!(random_bytes::<16>(&entropy), random_bytes::<16>(&entropy));
        assert!(RepeatableClock(Arc::new(SystemClock)).now() > played(1).await.0);
    }
}
