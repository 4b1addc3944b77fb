//! Randomness behind a trait, so that tests can name the bytes they get.

/// A source of random bytes fit for secrets.
///
/// The process's own source implements it once, in `lambda-kit`; tests bring a seeded one.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// An array of `N` random bytes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
