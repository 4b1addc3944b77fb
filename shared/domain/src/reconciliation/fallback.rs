//! Passes three and four: rows whose references do not meet. By the provider's own id, by what bank statements show, and by
//! payout. A row that is claimed by nobody stays for the last judgement.

use super::alike::{self, BothSides};
use super::groups::walk;
use super::judge::judge;
use super::matching::Claims;
use super::row::Row;
use super::{Outcome, Rules};

/// Claims rows of one kind that share an id: those of equal amount, then the last pair.
pub(super) fn claim_by_id(claims: &mut Claims, ours: &[Row], theirs: &[Row], rules: &Rules) {
    let amount = |row: &Row| (row.side(), row.currency, row.minor);
    let (mut ours, mut theirs) = (ours.to_vec(), theirs.to_vec());
    let (mut left, mut right) = BothSides::default();
    walk(&mut ours, &mut theirs, amount, amount, |_, own, other| {
        if !own.is_empty() && !other.is_empty() && are_interchangeable(own, other) {
            let (more, others) = alike::claim(claims, own, other, rules);
            left.extend(more);
            right.extend(others);
        } else {
            left.extend_from_slice(own);
            right.extend_from_slice(other);
        }
    });
    match (left.as_slice(), right.as_slice()) {
        ([one], [other]) => claims.pair(one, other, judge(one, other, rules)),
        ([_, ..], [_, ..]) => claims.all(&left, &right, Outcome::Ambiguous),
        _ => claims.leave(&left, &right),
    }
}

/// Whether it is the same to everybody which of these rows are paired: each finds one, or those that may find none are of
/// one order. A payment that is missing must not be looked for under another customer's order.
fn are_interchangeable(ours: &[Row], theirs: &[Row]) -> bool {
    let more = if ours.len() > theirs.len() { ours } else { theirs };
    let first = more.first().map(|row| row.reference);
    ours.len() == theirs.len() || more.iter().all(|row| Some(row.reference) == first)
}

/// Claims the rows of one payout: the statement tells the sum of many payments, which bear the payout's id in the ledger.
pub(super) fn claim_payout(claims: &mut Claims, ours: &[Row], theirs: &[Row], rules: &Rules) {
    let ([_, ..], [payout]) = (ours, theirs) else {
        claims.leave(ours, theirs);
        return;
    };
    // One row of another currency, and the sum means nothing.
    let one_currency = ours.iter().all(|row| row.currency == payout.currency);
    let sum: i128 = ours.iter().map(|row| i128::from(row.signed())).sum();
    let difference = i64::try_from(i128::from(payout.signed()).saturating_sub(sum)).unwrap_or(i64::MAX);
    if one_currency && rules.tolerate(payout.minor, difference) {
        let outcome = if difference == 0 { Outcome::Matched } else { Outcome::MatchedWithVariance };
        claims.payout(ours, payout, difference, outcome);
    } else {
        claims.all(ours, &[], Outcome::GroupIncomplete);
        claims.all(&[], theirs, Outcome::UnexplainedResidual);
    }
}
