//! Counting what is read.

use std::collections::BTreeMap;

use paywarden_domain::ledger::Side;
use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::reconciliation::{BookSide, Row};
use paywarden_domain::statement::{
    Check, Extent, FileAccount, Format, LineProblem, ParseReport, READING_VERSION, SideTotal,
};
use paywarden_domain::time::Timestamp;
use rust_decimal::Decimal;

use super::{ColumnProblem, StatementRow, Told};

/// What was read so far.
#[derive(Default)]
pub struct ParseTally {
    lines: u32,
    rows: u32,
    errors: u32,
    problems: Vec<LineProblem>,
    /// The first and the last booking, in seconds since 1970.
    booked: Option<(u32, u32)>,
    totals: BTreeMap<(Currency, Kind, Side), (i128, u32)>,
    /// What became of the lines of records.
    records: FileAccount,
}

impl ParseTally {
    /// Takes what the lines of a record tell, if the engine can read all of it: it is the judge of what a row may be.
    pub fn take(&mut self, told: &Told, extent: Extent) -> Result<(), ColumnProblem> {
        let rows = match told {
            Told::Rows(rows) => rows,
            Told::Summary => {
                self.records.summary.add(extent);
                return Ok(());
            }
        };
        let read = |row: &StatementRow| {
            Row::read(BookSide::Statement, &row.fields(), 0)
                .map_err(|problem| ColumnProblem::new(problem.column, problem.expected))
        };
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let moves = !read.is_empty();
        self.lines = self.lines.saturating_add(u32::from(moves));
        let part = if moves { &mut self.records.movements } else { &mut self.records.without_movement };
        part.add(extent);
        for row in read {
            self.rows = self.rows.saturating_add(1);
            let (first, last) = self.booked.unwrap_or((row.second, row.second));
            self.booked = Some((first.min(row.second), last.max(row.second)));
            let (sum, count) = self.totals.entry((row.currency, row.kind(), row.side())).or_default();
            *sum = sum.saturating_add(i128::from(row.minor));
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// Takes a line that cannot be read.
    pub fn refuse(&mut self, problem: &LineProblem, extent: Extent) {
        self.records.unreadable.add(extent);
        self.lines = self.lines.saturating_add(1);
        self.errors = self.errors.saturating_add(1);
        if self.problems.len() < ParseReport::MAX_PROBLEMS {
            self.problems.push(problem.clone());
        }
    }

    /// The report, with what became of the lines that are no records.
    pub fn into_report(self, format: Format, checks: Vec<Check>, others: FileAccount) -> ParseReport {
        let file =
            FileAccount { total: others.total, header: others.header, blank: others.blank, ..self.records };
        let moment = |second: u32| Timestamp::from_seconds(i64::from(second)).ok();
        ParseReport {
            format,
            version: READING_VERSION,
            lines: self.lines,
            rows: self.rows,
            errors: self.errors,
            problems: self.problems,
            checks,
            first_booked_at: self.booked.and_then(|(first, _)| moment(first)),
            last_booked_at: self.booked.and_then(|(_, last)| moment(last)),
            totals: self.totals.into_iter().map(total).collect(),
            file: Some(file),
        }
    }
}

fn total(((currency, kind, direction), (minor, count)): ((Currency, Kind, Side), (i128, u32))) -> SideTotal {
    let amount = Decimal::try_from_i128_with_scale(minor, currency.exponent()).unwrap_or_default();
    SideTotal { currency, kind, direction, amount: amount.normalize(), count }
}
