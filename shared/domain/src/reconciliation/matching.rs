//! The passes in their order, and who claimed what.
//!
//! | pass | looks at | pairs rows that share |
//! |---|---|---|
//! | 1, 2 | all rows, reference by reference | the reference, first those that are equal (`references.rs`) |
//! | 3 | what is left, of all shards together | the provider's id; then what bank statements show (`fallback.rs`) |
//! | | what is left | nothing: the very same row again is a duplicate |
//! | 4 | what is left | the payout: many rows of the ledger, one of the statement (`fallback.rs`) |
//! | close | what is left | nothing: it is missing, or may still come |
//!
//! A row that is claimed is out: no later pass sees it. So a pass may be the less certain the later it comes, and passes one
//! and two, which claim nearly everything, need only the rows of one reference: those can be matched shard by shard.

use std::convert::Infallible;

use super::groups::{repeats, sift, walk};
use super::row::{Kind, Row};
use super::{Outcome, Rules, fallback, references};

/// Verdicts of a side that are handed over together.
const HANDED_OVER: usize = 4_096;

/// The key of rows that name no reference.
const NO_REFERENCE: [u64; 2] = [0, 0];

/// What became of a row, under the line it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowVerdict {
    pub line: u32,
    /// The line of its counterpart; zero when it has none.
    pub counterpart: u32,
    /// What became of it.
    pub outcome: Outcome,
}

/// The verdicts of both sides, in no particular order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Of the ledger's rows.
    pub ledger: Vec<RowVerdict>,
    /// Of the statement's rows.
    pub statement: Vec<RowVerdict>,
    /// How much more the statement has than the ledger, in minor units, where it is not the same: by the statement's line.
    pub differences: Vec<(u32, i64)>,
}

/// What has been decided, and what is still open.
#[derive(Default)]
pub struct Claims {
    decided: Reconciled,
    ours: Vec<Row>,
    theirs: Vec<Row>,
}

impl Claims {
    /// Nothing decided yet, and these rows open.
    #[must_use]
    pub fn of_open(ours: Vec<Row>, theirs: Vec<Row>) -> Self {
        Self { decided: Reconciled::default(), ours, theirs }
    }

    /// What was decided, and the rows of the ledger and of the statement that are still open.
    #[must_use]
    pub fn into_parts(self) -> (Reconciled, Vec<Row>, Vec<Row>) {
        (self.decided, self.ours, self.theirs)
    }

    pub(super) fn pair(&mut self, ledger: &Row, statement: &Row, outcome: Outcome) {
        let verdict = |line, counterpart| RowVerdict { line, counterpart, outcome };
        self.decided.ledger.push(verdict(ledger.line, statement.line));
        self.decided.statement.push(verdict(statement.line, ledger.line));
        // Of two currencies there is no difference to tell.
        let difference = statement.minor.saturating_sub(ledger.minor);
        if difference != 0 && ledger.currency == statement.currency {
            self.decided.differences.push((statement.line, difference));
        }
    }

    /// Rows that together are the counterpart of one. The payout shows the first of them: a report has one counterpart a
    /// row, and each of the others leads back to the payout.
    pub(super) fn payout(&mut self, ledger: &[Row], payout: &Row, difference: i64, outcome: Outcome) {
        for row in ledger {
            let verdict = RowVerdict { line: row.line, counterpart: payout.line, outcome };
            self.decided.ledger.push(verdict);
        }
        let first = ledger.first().map_or(0, |row| row.line);
        self.decided.statement.push(RowVerdict { line: payout.line, counterpart: first, outcome });
        self.decided.differences.extend((difference != 0).then_some((payout.line, difference)));
    }

    pub(super) fn all(&mut self, ledger: &[Row], statement: &[Row], outcome: Outcome) {
        let verdict = |row: &Row| RowVerdict { line: row.line, counterpart: 0, outcome };
        self.decided.ledger.extend(ledger.iter().map(verdict));
        self.decided.statement.extend(statement.iter().map(verdict));
    }

    /// Leaves rows to the next pass.
    pub(super) fn leave(&mut self, ledger: &[Row], statement: &[Row]) {
        self.ours.extend_from_slice(ledger);
        self.theirs.extend_from_slice(statement);
    }
}

/// Gives every row of both sides its outcome. `as_of` is the day (days since 1970, as `rules` count
/// them) by which the statement is complete.
///
/// The rows may come in any order; they are sorted in place.
#[must_use]
pub fn reconcile(ledger: &mut [Row], statement: &mut [Row], rules: &Rules, as_of: i32) -> Reconciled {
    let mut claims = match_references(ledger, statement, rules);
    match_fallbacks(&mut claims, rules);
    close(claims, rules, as_of)
}

/// Passes one and two over rows that may be one shard of many: all rows of a reference have to be in it.
#[must_use]
pub fn match_references(ledger: &mut [Row], statement: &mut [Row], rules: &Rules) -> Claims {
    let mut claims = Claims::default();
    claims.decided.ledger.reserve(ledger.len());
    claims.decided.statement.reserve(statement.len());
    let reference = |row: &Row| row.reference;
    walk(ledger, statement, reference, reference, |reference, ours, theirs| {
        if reference == NO_REFERENCE || ours.is_empty() || theirs.is_empty() {
            claims.leave(ours, theirs);
        } else {
            references::claim(&mut claims, ours, theirs, rules);
        }
    });
    claims
}

/// Open rows of a reference. The very same row again is a duplicate, whether the first of them is in a payout or missing.
fn claim_repetitions(claims: &mut Claims, ours: &[Row], theirs: &[Row]) {
    let ((again, ours), (also, theirs)) = (repeats(ours), repeats(theirs));
    claims.all(&again, &[], Outcome::DuplicateInternal);
    claims.all(&[], &also, Outcome::DuplicateExternal);
    claims.leave(&ours, &theirs);
}

/// Passes three and four over what the first two left, of all shards together.
pub fn match_fallbacks(claims: &mut Claims, rules: &Rules) {
    let Ok(()) = passes(claims, rules, &mut |_| Ok::<(), Infallible>(()));
}

/// Passes three and four and the last judgement over rows that the first two left open, of all shards together. Memory holds
/// the rows and nothing else that grows with them: they stay where they are until they are claimed, and what is decided is
/// handed to `settle` bit by bit.
///
/// # Errors
/// Whatever `settle` answers.
pub fn settle_open<E>(
    (ours, theirs): (Vec<Row>, Vec<Row>),
    rules: &Rules,
    as_of: i32,
    mut settle: impl FnMut(Reconciled) -> Result<(), E>,
) -> Result<(), E> {
    let mut claims = Claims::of_open(ours, theirs);
    let mut hand_over = |decided: &mut Reconciled| match decided.ledger.len().max(decided.statement.len()) {
        0..HANDED_OVER => Ok(()),
        _ => settle(std::mem::take(decided)),
    };
    passes(&mut claims, rules, &mut hand_over)?;
    judge_last(&mut claims, rules, as_of, &mut hand_over)?;
    settle(claims.decided)
}

/// What is done with what was decided, as soon as there is some.
type HandOver<'a, E> = &'a mut dyn FnMut(&mut Reconciled) -> Result<(), E>;

fn passes<E>(claims: &mut Claims, rules: &Rules, hand_over: HandOver<'_, E>) -> Result<(), E> {
    let by_id = |claims: &mut Claims, ours: &[Row], theirs: &[Row]| {
        fallback::claim_by_id(claims, ours, theirs, rules);
    };
    let meet = |ours: &[Row], theirs: &[Row]| !ours.is_empty() && !theirs.is_empty();
    let provider_id = |row: &Row| (row.provider_id, row.kind());
    let named = |key: &(u64, Kind), ours: &[Row], theirs: &[Row]| key.0 != 0 && meet(ours, theirs);
    pass(claims, (provider_id, provider_id), named, by_id, hand_over)?;
    let [payment_reference, reference] =
        [|row: &Row| (row.group, row.kind()), |row: &Row| (row.reference[1], row.kind())];
    pass(claims, (payment_reference, reference), named, by_id, hand_over)?;
    let whole_reference = |row: &Row| row.reference;
    let has_reference = |key: &[u64; 2], _: &[Row], _: &[Row]| *key != NO_REFERENCE;
    pass(claims, (whole_reference, whole_reference), has_reference, claim_repetitions, hand_over)?;
    // Kinds are not told apart here: a payout is what is left of transfers when fees and taxes are taken off.
    let payout = |row: &Row| row.group;
    let by_payout = |claims: &mut Claims, ours: &[Row], theirs: &[Row]| {
        fallback::claim_payout(claims, ours, theirs, rules);
    };
    pass(claims, (payout, payout), |key, ours, theirs| *key != 0 && meet(ours, theirs), by_payout, hand_over)
}

/// One pass over the open rows: those that share a key which `concerns` the pass are given to `claim`, all others stay open.
fn pass<K: Ord + Copy, E>(
    claims: &mut Claims,
    (our_key, their_key): (impl Fn(&Row) -> K, impl Fn(&Row) -> K),
    concerns: impl Fn(&K, &[Row], &[Row]) -> bool,
    claim: impl Fn(&mut Claims, &[Row], &[Row]),
    hand_over: HandOver<'_, E>,
) -> Result<(), E> {
    let (mut ours, mut theirs) = (std::mem::take(&mut claims.ours), std::mem::take(&mut claims.theirs));
    let sifted = sift((&mut ours, &mut theirs), our_key, their_key, |key, own, other| {
        if !concerns(&key, own, other) {
            return Ok(None);
        }
        claim(claims, own, other);
        hand_over(&mut claims.decided)?;
        Ok(Some((std::mem::take(&mut claims.ours), std::mem::take(&mut claims.theirs))))
    });
    (claims.ours, claims.theirs) = (ours, theirs);
    sifted
}

/// The last judgement: what nobody claimed is missing on the other side, or may still come.
#[must_use]
pub fn close(mut claims: Claims, rules: &Rules, as_of: i32) -> Reconciled {
    let Ok(()) = judge_last(&mut claims, rules, as_of, &mut |_| Ok::<(), Infallible>(()));
    claims.decided
}

fn judge_last<E>(
    claims: &mut Claims,
    rules: &Rules,
    as_of: i32,
    hand_over: HandOver<'_, E>,
) -> Result<(), E> {
    let (ours, theirs) = (std::mem::take(&mut claims.ours), std::mem::take(&mut claims.theirs));
    for row in &ours {
        let outcome =
            if rules.due(row.second) > as_of { Outcome::PendingSettlement } else { Outcome::MissingExternal };
        claims.all(std::slice::from_ref(row), &[], outcome);
        hand_over(&mut claims.decided)?;
    }
    for row in &theirs {
        claims.all(&[], std::slice::from_ref(row), Outcome::MissingInternal);
        hand_over(&mut claims.decided)?;
    }
    Ok(())
}

/// Puts the claims of shards together.
#[must_use]
pub fn merged(shards: Vec<Claims>) -> Claims {
    let mut merged = Claims::default();
    for shard in shards {
        merged.decided.ledger.extend(shard.decided.ledger);
        merged.decided.statement.extend(shard.decided.statement);
        merged.decided.differences.extend(shard.decided.differences);
        merged.ours.extend(shard.ours);
        merged.theirs.extend(shard.theirs);
    }
    merged
}
