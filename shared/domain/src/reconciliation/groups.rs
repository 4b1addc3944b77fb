//! Rows of both sides that share a key, together. Sorting first makes everything built on it independent of the order in
//! which rows came, and no slower for a million rows of one key than for a million keys.

use std::ops::Range;

use super::row::Row;

/// Sorts both sides by key, rows of one key by content and line, and hands over the rows of each key.
pub(super) fn walk<K: Ord + Copy>(
    ours: &mut [Row],
    theirs: &mut [Row],
    our_key: impl Fn(&Row) -> K,
    their_key: impl Fn(&Row) -> K,
    mut visit: impl FnMut(K, &[Row], &[Row]),
) {
    sort(ours, &our_key);
    sort(theirs, &their_key);
    let (mut left, mut right): (&[Row], &[Row]) = (ours, theirs);
    while let Some(key) = least(left.first().map(&our_key), right.first().map(&their_key)) {
        let (own, rest) = left.split_at(left.iter().take_while(|row| our_key(row) == key).count());
        let (other, more) = right.split_at(right.iter().take_while(|row| their_key(row) == key).count());
        visit(key, own, other);
        (left, right) = (rest, more);
    }
}

/// As [`walk`], but rows stay in the lists they are in, and no second copy of them is made: what `visit` leaves of a key moves up
/// behind what was left before it, and the lists end there. `visit` answers nothing when it leaves all it was given, or hands
/// back the rows that stay, which are never more.
pub(super) fn sift<K: Ord + Copy, E>(
    (ours, theirs): (&mut Vec<Row>, &mut Vec<Row>),
    our_key: impl Fn(&Row) -> K,
    their_key: impl Fn(&Row) -> K,
    mut visit: impl FnMut(K, &[Row], &[Row]) -> Result<Option<(Vec<Row>, Vec<Row>)>, E>,
) -> Result<(), E> {
    sort(ours, &our_key);
    sort(theirs, &their_key);
    let (mut left, mut right) = (Sifted::default(), Sifted::default());
    while let Some(key) = least(ours.get(left.seen).map(&our_key), theirs.get(right.seen).map(&their_key)) {
        let (own, other) = (left.next(ours, key, &our_key), right.next(theirs, key, &their_key));
        let own_rows = ours.get(own.clone()).unwrap_or_default();
        let other_rows = theirs.get(other.clone()).unwrap_or_default();
        match visit(key, own_rows, other_rows)? {
            None => {
                left.keep_all(ours, own);
                right.keep_all(theirs, other);
            }
            Some((more, others)) => {
                left.keep(ours, &more);
                right.keep(theirs, &others);
            }
        }
    }
    ours.truncate(left.kept);
    theirs.truncate(right.kept);
    Ok(())
}

/// How far a list was looked through, and how many of its rows stay.
#[derive(Default)]
struct Sifted {
    seen: usize,
    kept: usize,
}

impl Sifted {
    /// The rows of a key, which come next if there are any.
    fn next<K: Ord>(&mut self, rows: &[Row], key: K, of: impl Fn(&Row) -> K) -> Range<usize> {
        let start = self.seen;
        let more = rows.iter().skip(start).take_while(|row| of(row) == key).count();
        self.seen = start.saturating_add(more);
        start..self.seen
    }

    fn keep_all(&mut self, rows: &mut [Row], range: Range<usize>) {
        let count = range.len();
        if self.kept < range.start {
            rows.copy_within(range, self.kept);
        }
        self.kept = self.kept.saturating_add(count);
    }

    fn keep(&mut self, rows: &mut [Row], stay: &[Row]) {
        for (place, row) in rows.iter_mut().skip(self.kept).zip(stay) {
            *place = *row;
        }
        self.kept = self.kept.saturating_add(stay.len());
    }
}

/// Keys decide nearly always; content is looked at only where they are equal.
fn sort<K: Ord>(rows: &mut [Row], key: impl Fn(&Row) -> K) {
    rows.sort_unstable_by(|one, other| {
        let by_content = || one.content().cmp(&other.content()).then(one.line.cmp(&other.line));
        key(one).cmp(&key(other)).then_with(by_content)
    });
}

fn least<K: Ord>(one: Option<K>, other: Option<K>) -> Option<K> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Splits sorted rows into those that repeat the content of one before them, and the others.
pub(super) fn repeats(rows: &[Row]) -> (Vec<Row>, Vec<Row>) {
    let (mut repeated, mut kept): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    for row in rows {
        let again = kept.last().is_some_and(|last| last.content() == row.content());
        if again { repeated.push(*row) } else { kept.push(*row) }
    }
    (repeated, kept)
}
