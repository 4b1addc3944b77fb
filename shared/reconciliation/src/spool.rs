//! One side of a run, row by row, on its way into shards: in one file, or in several one after the other.

use std::path::{Path, PathBuf};

use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::run::Run;
use paywarden_domain::reconciliation::tally::RowTotals;
use paywarden_domain::statement::Statement;
use paywarden_domain::time::Timestamp;

use crate::StepError;
use crate::files::RowWriter;
use crate::intake::ParsedStatement;
use crate::rows::{Place, ReadRow, WorkRow};

/// The number of a side's first row, as if it stood in a file below a header.
const FIRST: u32 = 2;

/// What a side has so far.
#[derive(Default)]
pub struct Spooled {
    /// Its files, in order.
    pub files: Vec<PathBuf>,
    /// Rows in them.
    pub rows: u32,
    pub totals: RowTotals,
}

impl Spooled {
    /// Takes a file with so many rows.
    pub fn take(&mut self, path: PathBuf, rows: u32, totals: &RowTotals) {
        self.files.push(path);
        self.rows = self.rows.saturating_add(rows);
        self.totals.merge(totals);
    }

    /// A new file behind those.
    pub fn next_file(&self, path: &Path) -> Result<Spool, StepError> {
        let first = self.rows.saturating_add(FIRST);
        let rows = RowWriter::create(path)?;
        Ok(Spool { rows, first, next: first, totals: RowTotals::default(), last_second: None })
    }
}

/// Rows of one side, put down in one file.
pub struct Spool {
    rows: RowWriter,
    first: u32,
    /// The ordinal of the next row.
    pub next: u32,
    totals: RowTotals,
    /// The last second since 1970 in which anything was booked.
    pub last_second: Option<u32>,
}

impl Spool {
    /// Rows so far.
    pub fn count(&self) -> u32 {
        self.next.saturating_sub(self.first)
    }

    /// Takes the next row.
    pub fn push(&mut self, work: WorkRow) -> Result<(), StepError> {
        let ReadRow { work, row } = work.into();
        let row = row.ok();
        self.totals.add(work.side(), row.as_ref());
        self.last_second = self.last_second.max(row.map(|row| row.second));
        self.next = self.next.saturating_add(1);
        self.rows.push(&work)
    }

    /// Takes the rows of a statement, and its lines that cannot be read.
    pub fn push_statement(
        &mut self,
        run: &Run,
        merchant: &Merchant,
        statement: &Statement,
        path: &Path,
    ) -> Result<(), StepError> {
        let mut lines = ParsedStatement::open(path)?;
        while let Some((line, outcome)) = lines.next()? {
            let place =
                Place { ordinal: self.next, judged: true, statement: Some(&statement.id), line, day: None };
            let row = match outcome {
                Ok(fields) => {
                    let day = Timestamp::parse(fields.at).ok().map(|at| merchant.zone.day_of(at));
                    let judged = day.is_none_or(|day| run.scope.contains(day));
                    WorkRow::of_statement(Place { judged, day, ..place }, fields, &run.scope.rules)
                }
                Err(problem) => WorkRow::unreadable(place, &problem),
            };
            self.push(row)?;
        }
        Ok(())
    }

    /// Ends the file; answers what was taken.
    pub fn finish(self) -> Result<RowTotals, StepError> {
        self.rows.finish()?;
        Ok(self.totals)
    }
}
