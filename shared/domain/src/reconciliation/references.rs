//! Passes one and two: rows that name the same reference.
//!
//! | what a reference has, of one kind | what becomes of it |
//! |---|---|
//! | rows that are equal in kind, direction, currency and amount | paired, first those with the same provider's id |
//! | equal rows on one side only, of the very same content as one that was paired | duplicates |
//! | equal rows that could pair with either of several | ambiguous, all of them |
//! | one row left on each side | a pair: within tolerance, or an exception that says what differs |
//! | several left on both sides | ambiguous |
//! | a fee or a tax on one side only, beside a transfer that was paired | that fee or tax is missing, or too much |
//! | anything else | goes on to the next pass |
//!
//! An example, all under the reference INV1:
//!
//! | ledger | statement | outcome |
//! |---|---|---|
//! | Transfer 100, id p1 | Transfer 100, id p1 | paired by the provider's id |
//! | Transfer 100, id p2 | | left over: the next pass looks for p2 elsewhere |
//! | Fee 3.00 | Fee 3.50 | the last pair of its kind: `ROUNDING` |
//! | Tax 0.33 | | `TAX_VARIANCE`, for the transfer is settled without it |
//!
//! Had the statement's transfer no id, it could be either of the two, and all three would be `AMBIGUOUS`: a guess that is
//! wrong hides two errors, a question costs somebody a minute.

use super::groups::{repeats, walk};
use super::judge::judge;
use super::matching::Claims;
use super::row::{Kind, Row};
use super::{Outcome, Rules};

/// Claims the rows of one reference.
pub(super) fn claim(claims: &mut Claims, ledger: &[Row], statement: &[Row], rules: &Rules) {
    // Nearly every reference has one row on each side: those take no lists.
    if let ([ledger], [statement]) = (ledger, statement)
        && ledger.kind() == statement.kind()
    {
        claims.pair(ledger, statement, judge(ledger, statement, rules));
        return;
    }
    // Transfers come first: whether a lonely fee is missing or merely not there yet depends on theirs.
    let mut transfer_paired = false;
    for kind in Kind::ALL {
        let of_kind =
            |rows: &[Row]| rows.iter().filter(|row| row.kind() == *kind).copied().collect::<Vec<_>>();
        let (mut ours, mut theirs) = (of_kind(ledger), of_kind(statement));
        let paired = claim_kind(claims, &mut ours, &mut theirs, rules);
        transfer_paired |= paired && *kind == Kind::Transfer;
        if transfer_paired {
            claim_lonely(claims, *kind, &mut ours, &mut theirs);
        }
        claims.leave(&ours, &theirs);
    }
}

/// Claims what it can of one kind and leaves the rest in the lists. Answers whether anything was paired.
fn claim_kind(claims: &mut Claims, ours: &mut Vec<Row>, theirs: &mut Vec<Row>, rules: &Rules) -> bool {
    let paired = claim_equal(claims, ours, theirs, rules);
    // What is left differs in amount, currency or direction. One on each side is still the same movement, told in another
    // way; of several nobody knows which belongs to which.
    match (ours.as_slice(), theirs.as_slice()) {
        ([one], [other]) => claims.pair(one, other, judge(one, other, rules)),
        ([_, ..], [_, ..]) => claims.all(ours, theirs, Outcome::Ambiguous),
        _ => return paired,
    }
    let paired = paired || ours.len() == 1;
    ours.clear();
    theirs.clear();
    paired
}

/// Pairs rows that are equal in all the first pass asks for, amount by amount.
fn claim_equal(claims: &mut Claims, ours: &mut Vec<Row>, theirs: &mut Vec<Row>, rules: &Rules) -> bool {
    let amount = |row: &Row| (row.side(), row.currency, row.minor);
    let (mut left, mut right, mut paired) = (Vec::new(), Vec::new(), false);
    walk(ours, theirs, amount, amount, |_, own, other| {
        if own.is_empty() || other.is_empty() {
            left.extend_from_slice(own);
            right.extend_from_slice(other);
        } else {
            paired = true;
            let (unpaired, more) = claim_bucket(claims, own, other, rules);
            left.extend(unpaired);
            right.extend(more);
        }
    });
    (*ours, *theirs) = (left, right);
    paired
}

/// Pairs the rows of one amount, both sides sorted by content. Answers what is left of either side.
fn claim_bucket(claims: &mut Claims, ours: &[Row], theirs: &[Row], rules: &Rules) -> (Vec<Row>, Vec<Row>) {
    let (repeated_ours, mut ours) = repeats(ours);
    let (repeated_theirs, mut theirs) = repeats(theirs);
    // As many repetitions on one side as on the other are no repetitions: so often it was paid.
    let both = repeated_ours.len().min(repeated_theirs.len());
    let (again, surplus_ours) = repeated_ours.split_at(both);
    let (also, surplus_theirs) = repeated_theirs.split_at(both);
    ours.extend_from_slice(again);
    theirs.extend_from_slice(also);
    claims.all(surplus_ours, &[], Outcome::DuplicateInternal);
    claims.all(&[], surplus_theirs, Outcome::DuplicateExternal);
    // An id tells rows of one amount apart; it must not be outvoted by the counts below.
    let (mut ours, mut theirs) = pair_by_provider_id(claims, ours, theirs, rules);
    // As many on one side as on the other: whichever are paired, each finds one and the sums are the same. Content decides
    // the order, so that the choice is the same in every run.
    if ours.len() == theirs.len() {
        ours.sort_unstable_by_key(|row| (row.content(), row.line));
        theirs.sort_unstable_by_key(|row| (row.content(), row.line));
        for (one, other) in ours.iter().zip(&theirs) {
            claims.pair(one, other, judge(one, other, rules));
        }
        return (Vec::new(), Vec::new());
    }
    if ours.is_empty() || theirs.is_empty() {
        return (ours, theirs);
    }
    claims.all(&ours, &theirs, Outcome::Ambiguous);
    (Vec::new(), Vec::new())
}

/// Pairs rows that name the same id of the provider, where one on each side does. Answers the others.
fn pair_by_provider_id(
    claims: &mut Claims,
    mut ours: Vec<Row>,
    mut theirs: Vec<Row>,
    rules: &Rules,
) -> (Vec<Row>, Vec<Row>) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let id = |row: &Row| row.provider_id;
    walk(&mut ours, &mut theirs, id, id, |id, own, other| match (own, other) {
        ([one], [counterpart]) if id != 0 => {
            claims.pair(one, counterpart, judge(one, counterpart, rules));
        }
        _ => {
            left.extend_from_slice(own);
            right.extend_from_slice(other);
        }
    });
    (left, right)
}

/// A fee or a tax that only one side has, beside a transfer that both have.
fn claim_lonely(claims: &mut Claims, kind: Kind, ours: &mut Vec<Row>, theirs: &mut Vec<Row>) {
    let (missing, surplus) = match kind {
        Kind::Transfer => return,
        Kind::Fee => (Outcome::FeeMissing, Outcome::FeeOver),
        Kind::Tax => (Outcome::TaxVariance, Outcome::TaxVariance),
    };
    claims.all(ours, &[], missing);
    claims.all(&[], theirs, surplus);
    ours.clear();
    theirs.clear();
}
