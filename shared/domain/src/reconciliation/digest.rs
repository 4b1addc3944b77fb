//! A digest of many outcomes that does not depend on their order: the sum, modulo 2^256, of the SHA-256 of each, hashed
//! once more with their number. Shards add theirs up and come to the same.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{BookSide, Outcome};

/// The digest of a multiset of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MultisetDigest {
    /// Least significant first.
    sum: [u64; 4],
    count: u64,
}

impl MultisetDigest {
    /// Adds a record, given as its bytes.
    pub fn add(&mut self, record: &[u8]) {
        let hash = Sha256::digest(record);
        let mut words = [0_u64; 4];
        for (word, bytes) in words.iter_mut().zip(hash.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        self.add_words(words, 1);
    }

    /// Adds a row's outcome with everything the row says, in the order of its file's columns: so that neither lines nor the
    /// order of rows count. `buffer` is overwritten; giving the same one each time saves making it.
    pub fn add_outcome<'a>(
        &mut self,
        buffer: &mut Vec<u8>,
        (origin, outcome): (BookSide, Outcome),
        fields: impl Iterator<Item = &'a [u8]>,
    ) {
        buffer.clear();
        buffer.extend_from_slice(origin.as_str().as_bytes());
        buffer.push(b'\n');
        buffer.extend_from_slice(outcome.as_str().as_bytes());
        for field in fields {
            // Length first, so that no two records run together.
            buffer.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            buffer.extend_from_slice(field);
        }
        self.add(buffer);
    }

    /// Adds all records of another digest.
    pub fn merge(&mut self, other: &Self) {
        self.add_words(other.sum, other.count);
    }

    fn add_words(&mut self, words: [u64; 4], count: u64) {
        let mut carry = false;
        for (sum, word) in self.sum.iter_mut().zip(words) {
            let (with_word, overflow) = sum.overflowing_add(word);
            let (with_carry, again) = with_word.overflowing_add(u64::from(carry));
            *sum = with_carry;
            carry = overflow || again;
        }
        self.count = self.count.wrapping_add(count);
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn finish(&self) -> String {
        let mut hash = Sha256::new();
        for word in self.sum {
            hash.update(word.to_le_bytes());
        }
        hash.update(self.count.to_le_bytes());
        HEXLOWER.encode(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest(records: &[Vec<u8>]) -> MultisetDigest {
        let mut digest = MultisetDigest::default();
        records.iter().for_each(|record| digest.add(record));
        digest
    }

    proptest! {
        #[test]
        fn order_and_shards_do_not_matter_and_content_does(
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 1..20),
            split in any::<prop::sample::Index>(),
        ) {
            let (one, other) = records.split_at(split.index(records.len()));
            let mut merged = digest(other);
            merged.merge(&digest(one));
            prop_assert_eq!(merged, digest(&records));
            let mut changed = records.clone();
            changed[0].push(0);
            prop_assert_ne!(digest(&changed).finish(), merged.finish());
        }
    }
}
