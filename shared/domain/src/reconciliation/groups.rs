//! Rows of both sides that share a key, together. Sorting first makes everything built on it independent of the order in
//! which rows came, and no slower for a million rows of one key than for a million keys.

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
