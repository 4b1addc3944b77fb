//! Sums by a key of which there are few: a list that is looked through is faster than a tree when it is asked for every row.

use std::collections::BTreeMap;

/// Sums by key.
pub struct KeyedSums<K>(Vec<(K, i128)>);

impl<K> Default for KeyedSums<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord + Copy> KeyedSums<K> {
    /// Adds to a key's sum.
    pub fn add(&mut self, key: K, amount: i128) {
        match self.0.iter_mut().find(|(own, _)| *own == key) {
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => self.0.push((key, amount)),
        }
    }

    /// The sums in the order of their keys.
    pub fn sorted(&self) -> BTreeMap<K, i128> {
        self.0.iter().copied().collect()
    }
}
