//! Passes one and two: rows that name the same reference.
//!
//! | what a reference has, of one kind | what becomes of it |
//! |---|---|
//! | rows that are equal in direction, currency and amount | as many as both sides have are paired (`alike.rs`) |
//! | the very same row more often than the other side has any | duplicates |
//! | equal rows beyond those, on one side | left over |
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
//! Had the statement's transfer no id, the older of the two would be paired: both are the same order's, and 100 is missing
//! whichever it is. Were the amounts 100 and 200 against 101 and 199, all four would be `AMBIGUOUS`: a guess that is wrong
//! tells two wrong differences, a question costs somebody a minute.

use super::alike::{self, BothSides};
use super::groups::walk;
use super::judge::judge;
use super::matching::Claims;
use super::row::{Kind, Row};
use super::{Outcome, Rules};

/// Claims the rows of one reference, both sides sorted by content.
pub(super) fn claim(claims: &mut Claims, ledger: &[Row], statement: &[Row], rules: &Rules) {
    let (mut ledger, mut statement) = (ledger, statement);
    // Transfers come first: whether a lonely fee is missing or merely not there yet depends on theirs.
    let mut transfer_paired = false;
    for kind in Kind::ALL {
        let ((ours, more), (theirs, others)) = (split(ledger, *kind), split(statement, *kind));
        (ledger, statement) = (more, others);
        let (paired, (mut ours, mut theirs)) = claim_kind(claims, ours, theirs, rules);
        transfer_paired |= paired && *kind == Kind::Transfer;
        if transfer_paired {
            claim_lonely(claims, *kind, &mut ours, &mut theirs);
        }
        claims.leave(&ours, &theirs);
    }
}

/// The rows up to a kind, and those of kinds behind it: content begins with the kind.
fn split(rows: &[Row], kind: Kind) -> (&[Row], &[Row]) {
    rows.split_at(rows.partition_point(|row| row.kind() <= kind))
}

/// Claims what it can of one kind. Answers whether anything was paired, and what is left.
fn claim_kind(claims: &mut Claims, ours: &[Row], theirs: &[Row], rules: &Rules) -> (bool, BothSides) {
    // Nearly every reference has one row of a kind on each side: those take no lists.
    if let ([one], [other]) = (ours, theirs) {
        claims.pair(one, other, judge(one, other, rules));
        return (true, BothSides::default());
    }
    if ours.is_empty() || theirs.is_empty() {
        return (false, (ours.to_vec(), theirs.to_vec()));
    }
    let (paired, (ours, theirs)) = claim_equal(claims, ours.to_vec(), theirs.to_vec(), rules);
    // What is left differs in amount, currency or direction. One on each side is still the same movement, told in another
    // way; of several nobody knows which belongs to which.
    match (ours.as_slice(), theirs.as_slice()) {
        ([one], [other]) => {
            claims.pair(one, other, judge(one, other, rules));
            (true, BothSides::default())
        }
        ([_, ..], [_, ..]) => {
            claims.all(&ours, &theirs, Outcome::Ambiguous);
            (paired, BothSides::default())
        }
        _ => (paired, (ours, theirs)),
    }
}

/// Claims rows that are equal in all the first pass asks for, amount by amount. Answers whether both sides had any, and what
/// is left.
fn claim_equal(
    claims: &mut Claims,
    mut ours: Vec<Row>,
    mut theirs: Vec<Row>,
    rules: &Rules,
) -> (bool, BothSides) {
    let amount = |row: &Row| (row.side(), row.currency, row.minor);
    let ((mut left, mut right), mut paired) = (BothSides::default(), false);
    walk(&mut ours, &mut theirs, amount, amount, |_, own, other| {
        if own.is_empty() || other.is_empty() {
            left.extend_from_slice(own);
            right.extend_from_slice(other);
        } else {
            paired = true;
            let (more, others) = alike::claim(claims, own, other, rules);
            left.extend(more);
            right.extend(others);
        }
    });
    (paired, (left, right))
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
