//! What a pair of rows that belong together comes to.

use super::row::{Kind, Row};
use super::{Outcome, Rules};

/// One step of the rounding of fees and taxes, in minor units of a currency with cents: a whole unit, which is what
/// Indonesia rounds to.
const ROUNDING_STEP: i64 = 100;

/// Judges a ledger row and its counterpart. What is wrong first is told: a difference of currency makes one of amounts
/// meaningless.
pub(super) fn judge(ledger: &Row, statement: &Row, rules: &Rules) -> Outcome {
    if ledger.currency != statement.currency {
        return Outcome::Currency;
    }
    if ledger.side() != statement.side() {
        return Outcome::Direction;
    }
    let difference = statement.minor.saturating_sub(ledger.minor);
    if difference != 0 && !rules.tolerate(ledger.minor, difference) {
        return of_difference(ledger.kind(), difference);
    }
    if ledger.settled_state() != statement.settled_state() {
        return Outcome::Status;
    }
    if rules.day_of(statement.second) > rules.due(ledger.second) {
        return Outcome::Late;
    }
    if difference == 0 { Outcome::Matched } else { Outcome::MatchedWithVariance }
}

fn of_difference(kind: Kind, difference: i64) -> Outcome {
    let rounded = difference.unsigned_abs() < ROUNDING_STEP.unsigned_abs();
    match kind {
        Kind::Transfer if difference > 0 => Outcome::AmountOver,
        Kind::Transfer => Outcome::AmountUnder,
        Kind::Fee | Kind::Tax if rounded => Outcome::Rounding,
        Kind::Fee if difference > 0 => Outcome::FeeOver,
        Kind::Fee => Outcome::FeeUnder,
        Kind::Tax => Outcome::TaxVariance,
    }
}
