//! Rows of both sides that are equal in kind, direction, currency and amount, under one reference or one id.
//!
//! The money is the same whichever of them are paired, so as many are as both sides have. What is left over is told of the
//! side that has more; which rows that are is decided by what else they say, the surer sign first:
//!
//! | sign | why |
//! |---|---|
//! | a side repeats the very same row more often than the other repeats one | the repetitions are the surplus |
//! | the provider's id | an id is the payment's own |
//! | the very same second, and the same status | statements often tell the payment's time |
//! | booked on a day on which it could be settled, and the same status | the oldest is settled first |
//! | the same status | what was settled late, or before we knew of it, oldest first |
//! | as many left on one side as on the other | they differ in status, which their outcome tells |
//!
//! What is then left on both sides differs in status and in number: nobody knows whose status is wrong, so all are ambiguous.

use std::cmp::Ordering;

use super::groups::{repeats, walk};
use super::judge::judge;
use super::matching::Claims;
use super::row::Row;
use super::{Outcome, Rules};

/// Rows of the ledger and of the statement.
pub(super) type BothSides = (Vec<Row>, Vec<Row>);

/// Claims rows of one amount, both sides sorted by content. Answers what is left: on one side at most.
pub(super) fn claim(claims: &mut Claims, ours: &[Row], theirs: &[Row], rules: &Rules) -> BothSides {
    let (ours, theirs) = claim_repetitions(claims, ours, theirs);
    let (ours, theirs) = pair_by_provider_id(claims, ours, theirs, rules);
    let (ours, theirs) = pair_alike(claims, &ours, &theirs, rules);
    if ours.is_empty() || theirs.is_empty() {
        return (ours, theirs);
    }
    claims.all(&ours, &theirs, Outcome::Ambiguous);
    BothSides::default()
}

/// Claims the repetitions of the side that has more rows, as far as its surplus goes. As many repetitions on one side as on
/// the other are no repetitions: so often it was paid.
fn claim_repetitions(claims: &mut Claims, ours: &[Row], theirs: &[Row]) -> BothSides {
    let ((again, mut own), (also, mut other)) = (repeats(ours), repeats(theirs));
    let (kept, duplicates) = split_surplus(&again, &also, ours.len().saturating_sub(theirs.len()));
    own.extend_from_slice(kept);
    claims.all(duplicates, &[], Outcome::DuplicateInternal);
    let (kept, duplicates) = split_surplus(&also, &again, theirs.len().saturating_sub(ours.len()));
    other.extend_from_slice(kept);
    claims.all(&[], duplicates, Outcome::DuplicateExternal);
    (own, other)
}

/// Splits a side's repetitions into those that stay, and those that the other side has not and that are of its surplus.
fn split_surplus<'a>(again: &'a [Row], also: &[Row], surplus: usize) -> (&'a [Row], &'a [Row]) {
    let duplicates = again.len().saturating_sub(also.len()).min(surplus);
    again.split_at(again.len().saturating_sub(duplicates))
}

/// Pairs rows that name the same id of the provider. Answers the others.
fn pair_by_provider_id(
    claims: &mut Claims,
    mut ours: Vec<Row>,
    mut theirs: Vec<Row>,
    rules: &Rules,
) -> BothSides {
    let (mut left, mut right) = BothSides::default();
    let id = |row: &Row| row.provider_id;
    walk(&mut ours, &mut theirs, id, id, |id, own, other| {
        if id == 0 || own.is_empty() || other.is_empty() {
            left.extend_from_slice(own);
            right.extend_from_slice(other);
        } else {
            let (more, others) = pair_alike(claims, own, other, rules);
            left.extend(more);
            right.extend(others);
        }
    });
    (left, right)
}

/// Pairs rows by time and status. Answers what is left: on one side, or on both where statuses and numbers differ.
fn pair_alike(claims: &mut Claims, ours: &[Row], theirs: &[Row], rules: &Rules) -> BothSides {
    let by_status = |one: &Row, other: &Row| one.settled_state().cmp(&other.settled_state());
    let left = (in_order_of_time(ours), in_order_of_time(theirs));
    let left = pair_where(claims, left, rules, |one, other| {
        by_status(one, other).then(one.second.cmp(&other.second))
    });
    let left = pair_where(claims, left, rules, |one, other| {
        by_status(one, other).then_with(|| could_be_settled(one, other, rules))
    });
    let (ours, theirs) = pair_where(claims, left, rules, by_status);
    if ours.len() == theirs.len() {
        return pair_where(claims, (ours, theirs), rules, |_, _| Ordering::Equal);
    }
    (ours, theirs)
}

fn in_order_of_time(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_unstable_by_key(|row| (row.settled_state(), row.second, row.content(), row.line));
    rows
}

/// Whether a payment was too early for a booking, could be settled by it, or was too late.
fn could_be_settled(payment: &Row, booking: &Row, rules: &Rules) -> Ordering {
    let booked = rules.day_of(booking.second);
    if booked > rules.due(payment.second) {
        Ordering::Less
    } else if booked < rules.day_of(payment.second) {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

/// Pairs rows of two lists in order. `compare` says whether they fit, or which of them comes too early in its list to fit
/// anything that is still to come in the other.
fn pair_where(
    claims: &mut Claims,
    (ours, theirs): BothSides,
    rules: &Rules,
    compare: impl Fn(&Row, &Row) -> Ordering,
) -> BothSides {
    let (mut left, mut right) = BothSides::default();
    let (mut ours, mut theirs) = (ours.as_slice(), theirs.as_slice());
    while let ([one, more @ ..], [other, others @ ..]) = (ours, theirs) {
        let fit = compare(one, other);
        match fit {
            Ordering::Less => left.push(*one),
            Ordering::Greater => right.push(*other),
            Ordering::Equal => claims.pair(one, other, judge(one, other, rules)),
        }
        ours = if fit == Ordering::Greater { ours } else { more };
        theirs = if fit == Ordering::Less { theirs } else { others };
    }
    left.extend_from_slice(ours);
    right.extend_from_slice(theirs);
    (left, right)
}
