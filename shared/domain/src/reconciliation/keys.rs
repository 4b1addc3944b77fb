//! By what the rows of a run could still be met when those of all shards come together.
//!
//! A run reads the ledger from well before its first day, for settlement takes its time; most of those rows were settled
//! by statements of days before and meet nobody here. A shard does not see the other shards' rows, but it can know all
//! their keys: two Bloom filters of ten bits a key. They may take a stranger for somebody's counterpart, and then the row is
//! looked at once more; they never miss one.

use super::BookSide;
use super::row::Row;

/// Keys of one row at most, and bits of a filter for each.
const KEYS: usize = 3;
const BITS_A_KEY: u64 = 10;

/// Bits that are set for a key: with ten bits a key, one stranger in a hundred is taken for a counterpart.
const PROBES: u64 = 5;

/// Largest filter, in bits: 64 MB. Above 18 million rows of a side, more strangers get through.
const MAX_BITS: u64 = 1 << 29;

const WORD_BITS: u64 = 64;
const WORD_BYTES: usize = 8;

/// The keys of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKeys {
    ledger: Filter,
    statement: Filter,
}

impl RunKeys {
    /// Keys of so many rows of the ledger and of the statement.
    #[must_use]
    pub fn for_rows(ledger: u32, statement: u32) -> Self {
        Self { ledger: Filter::for_rows(ledger), statement: Filter::for_rows(statement) }
    }

    /// Adds those of a row.
    pub fn add(&mut self, side: BookSide, row: &Row) {
        let filter = match side {
            BookSide::Ledger => &mut self.ledger,
            BookSide::Statement => &mut self.statement,
        };
        keys(side, row).into_iter().flatten().for_each(|key| filter.add(key));
    }

    /// The lines of those of a side's open rows which can meet nobody any more: no row of the other side has a key of theirs, and
    /// no other of these says the same, so that they are no duplicates. The rows are sorted.
    #[must_use]
    pub fn lonely(&self, side: BookSide, open: &mut [Row]) -> Vec<u32> {
        open.sort_unstable_by_key(|row| (row.content(), row.line));
        let is_alone = |rows: &[Row]| matches!(rows, [row] if !self.may_meet(side, row));
        let alone =
            open.chunk_by(|one, other| one.content() == other.content()).filter(|rows| is_alone(rows));
        alone.flatten().map(|row| row.line).collect()
    }

    /// Whether a row of the other side may have one of its keys.
    fn may_meet(&self, side: BookSide, row: &Row) -> bool {
        let others = match side {
            BookSide::Ledger => &self.statement,
            BookSide::Statement => &self.ledger,
        };
        keys(side, row).into_iter().flatten().any(|key| others.may_have(key))
    }

    /// Both filters as the bytes of a file.
    pub fn to_bytes(&self) -> impl Iterator<Item = [u8; WORD_BYTES]> {
        let filters = [&self.ledger, &self.statement].into_iter();
        filters.flat_map(|filter| {
            let count = u64::try_from(filter.words.len()).unwrap_or_default();
            std::iter::once(count).chain(filter.words.iter().copied()).map(u64::to_le_bytes)
        })
    }

    /// The filters of a file; nothing if it is none.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (ledger, rest) = Filter::of_bytes(bytes)?;
        let (statement, rest) = Filter::of_bytes(rest)?;
        rest.is_empty().then_some(Self { ledger, statement })
    }
}

/// What a row is looked for by in the passes that see all shards. They are those of `match_fallbacks`; a property holds them
/// to it.
fn keys(side: BookSide, row: &Row) -> [Option<u64>; KEYS] {
    let shown = match side {
        BookSide::Ledger => row.group,
        BookSide::Statement => row.reference[1],
    };
    // The number of a pass, with that of the kind where the pass tells kinds apart.
    let key = |pass: u64, value: u64| (value != 0).then(|| mixed(value ^ mixed(pass)));
    let of_kind = |pass: u64| pass << 2 | row.kind() as u64;
    [key(of_kind(1), row.provider_id), key(of_kind(2), shown), key(3 << 2, row.group)]
}

/// The finalizer of `MurmurHash3`: values are hashes already, but the number of the pass is not.
const fn mixed(value: u64) -> u64 {
    let value = (value ^ value >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let value = (value ^ value >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ value >> 33
}

/// A Bloom filter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn for_rows(rows: u32) -> Self {
        let keys = u64::from(rows).saturating_mul(KEYS as u64);
        let bits = keys.saturating_mul(BITS_A_KEY).clamp(WORD_BITS, MAX_BITS);
        Self { words: vec![0; usize::try_from(bits.div_ceil(WORD_BITS)).unwrap_or_default()] }
    }

    /// The word and the bit of each probe of a key.
    fn probes(&self, key: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let bits = u64::try_from(self.words.len()).unwrap_or_default().saturating_mul(WORD_BITS);
        let step = mixed(key) | 1;
        (0..PROBES).map(move |probe| {
            let hash = u128::from(key.wrapping_add(step.wrapping_mul(probe)));
            let bit = u64::try_from(hash.wrapping_mul(u128::from(bits)) >> 64).unwrap_or_default();
            (usize::try_from(bit / WORD_BITS).unwrap_or_default(), 1 << (bit % WORD_BITS))
        })
    }

    fn add(&mut self, key: u64) {
        for (word, bit) in self.probes(key) {
            self.words.get_mut(word).into_iter().for_each(|word| *word |= bit);
        }
    }

    fn may_have(&self, key: u64) -> bool {
        self.probes(key).all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
    }

    fn of_bytes(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (count, rest) = bytes.split_first_chunk::<WORD_BYTES>()?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(WORD_BYTES)?;
        let (words, rest) = rest.split_at_checked(length)?;
        let words = words.as_chunks::<WORD_BYTES>().0.iter().map(|word| u64::from_le_bytes(*word));
        Some((Self { words: words.collect() }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_what_was_added_and_little_else() {
        let mut filter = Filter::for_rows(10_000);
        let (own, others) = (0..30_000_u64, 30_000..60_000_u64);
        own.clone().for_each(|key| filter.add(mixed(key)));
        assert!(own.into_iter().all(|key| filter.may_have(mixed(key))));
        let taken = others.filter(|key| filter.may_have(mixed(*key))).count();
        assert!(taken < 600, "{taken} of 30,000 strangers");
    }

    #[test]
    fn filters_read_back_and_what_is_none_does_not() {
        let keys = RunKeys::for_rows(9, 0);
        let bytes: Vec<u8> = keys.to_bytes().flatten().collect();
        assert_eq!(RunKeys::of_bytes(&bytes), Some(keys));
        assert_eq!(RunKeys::of_bytes(&bytes[1..]), None);
        assert_eq!(RunKeys::of_bytes(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(RunKeys::of_bytes(&[0xff; 24]), None);
    }
}
