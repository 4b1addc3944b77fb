//! The two sides of a test, written as their files would be.

use std::collections::BTreeMap;

use paywarden_domain::reconciliation::{BookSide, Outcome, Reconciled, Row, RowFields, Rules, reconcile};
use paywarden_domain::time::Day;

/// The day by which statements are complete, a Friday.
pub fn as_of() -> i32 {
    Day::parse("2026-11-20").unwrap().number()
}

/// A settled transfer of the ledger, ten days ago.
pub fn ours<'a>(reference: &'a str, amount: &'a str) -> RowFields<&'a str> {
    RowFields {
        transaction_id: "tra_1",
        reference,
        kind: "Transfer",
        direction: "credit",
        amount,
        currency: "ZAR",
        at: "2026-11-10T08:00:00+02:00",
        status: "PAID",
        ..RowFields::default()
    }
}

/// A settled transfer of the statement, a day later.
pub fn theirs<'a>(reference: &'a str, amount: &'a str) -> RowFields<&'a str> {
    RowFields {
        reference,
        kind: "Transfer",
        direction: "credit",
        amount,
        currency: "ZAR",
        at: "2026-11-11T08:00:00+02:00",
        status: "SETTLED",
        ..RowFields::default()
    }
}

pub fn ledger_rows(fields: &[RowFields<&str>]) -> Vec<Row> {
    (2..).zip(fields).map(|(line, fields)| Row::read(BookSide::Ledger, fields, line).unwrap()).collect()
}

pub fn statement_rows(fields: &[RowFields<&str>]) -> Vec<Row> {
    (2..).zip(fields).map(|(line, fields)| Row::read(BookSide::Statement, fields, line).unwrap()).collect()
}

/// Runs the engine under these rules.
pub fn run(ours: &[RowFields<&str>], theirs: &[RowFields<&str>], rules: &Rules) -> Reconciled {
    reconcile(&mut ledger_rows(ours), &mut statement_rows(theirs), rules, as_of())
}

/// The outcomes of both sides in the order of their lines.
pub fn outcomes(ours: &[RowFields<&str>], theirs: &[RowFields<&str>]) -> (Vec<Outcome>, Vec<Outcome>) {
    let reconciled = run(ours, theirs, &Rules::default());
    let by_line = |verdicts: &[paywarden_domain::reconciliation::RowVerdict]| {
        let by_line: BTreeMap<u32, Outcome> =
            verdicts.iter().map(|verdict| (verdict.line, verdict.outcome)).collect();
        assert_eq!(by_line.len(), verdicts.len(), "each row once");
        by_line.into_values().collect::<Vec<_>>()
    };
    (by_line(&reconciled.ledger), by_line(&reconciled.statement))
}
