//! The engine in two threads, part by part.

use std::sync::Mutex;

use paywarden_domain::reconciliation::matching::{Claims, close, match_fallbacks, match_references, merged};
use paywarden_domain::reconciliation::{Outcome, Row, RowProblem, RowVerdict, Rules};

use crate::input::SideRows;

/// Threads that match.
const THREADS: usize = 2;

/// The verdicts of one side, by line.
pub struct SideVerdicts {
    outcomes: Vec<Outcome>,
    counterparts: Vec<u32>,
    /// What the statement has more, in minor units, by its own line.
    pub differences: std::collections::BTreeMap<u32, i64>,
    /// Rows that could not be read.
    pub problems: std::collections::BTreeMap<u32, RowProblem>,
}

/// The verdicts of both sides.
pub struct Verdicts {
    pub ledger: SideVerdicts,
    pub statement: SideVerdicts,
}

impl SideVerdicts {
    fn new(count: u32, problems: std::collections::BTreeMap<u32, RowProblem>) -> Self {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            // What has no verdict could not be read.
            outcomes: vec![Outcome::ParseError; count],
            counterparts: vec![0; count],
            differences: std::collections::BTreeMap::new(),
            problems,
        }
    }

    fn take(&mut self, verdicts: Vec<RowVerdict>) {
        for verdict in verdicts {
            let place = usize::try_from(verdict.line.saturating_sub(2)).unwrap_or(usize::MAX);
            if let (Some(outcome), Some(counterpart)) =
                (self.outcomes.get_mut(place), self.counterparts.get_mut(place))
            {
                (*outcome, *counterpart) = (verdict.outcome, verdict.counterpart);
            }
        }
    }

    /// The outcome of a line and the line of its counterpart, zero for none.
    pub fn of(&self, line: u32) -> (Outcome, u32) {
        let place = usize::try_from(line.saturating_sub(2)).unwrap_or(usize::MAX);
        let outcome = self.outcomes.get(place).copied().unwrap_or(Outcome::ParseError);
        (outcome, self.counterparts.get(place).copied().unwrap_or(0))
    }
}

/// Gives every row its verdict. A part's rows are freed as soon as it is matched.
pub fn run(ledger: SideRows, statement: SideRows, rules: &Rules, as_of: i32) -> anyhow::Result<Verdicts> {
    let mut verdicts = Verdicts {
        ledger: SideVerdicts::new(ledger.count, ledger.problems),
        statement: SideVerdicts::new(statement.count, statement.problems),
    };
    let mut claims = merged(match_parts(ledger.parts, statement.parts, rules)?);
    match_fallbacks(&mut claims, rules);
    let reconciled = close(claims, rules, as_of);
    verdicts.ledger.take(reconciled.ledger);
    verdicts.statement.take(reconciled.statement);
    verdicts.statement.differences = reconciled.differences.into_iter().collect();
    Ok(verdicts)
}

type Part = (Vec<Row>, Vec<Row>);

fn match_parts(ours: Vec<Vec<Row>>, theirs: Vec<Vec<Row>>, rules: &Rules) -> anyhow::Result<Vec<Claims>> {
    let parts: Mutex<Vec<Part>> = Mutex::new(ours.into_iter().zip(theirs).collect());
    let next = || parts.lock().ok().and_then(|mut parts| parts.pop());
    let work = || {
        let mut claims = Vec::new();
        while let Some((mut ours, mut theirs)) = next() {
            claims.push(match_references(&mut ours, &mut theirs, rules));
        }
        claims
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let mut claims = Vec::new();
        for thread in threads {
            claims.extend(thread.join().map_err(|_| anyhow::anyhow!("a thread ended early"))?);
        }
        Ok(claims)
    })
}
