//! The second step: the rows of one shard are matched by their references. What was decided and what is open go to files of
//! their own; then the shard is committed, and whoever commits the last one queues the last step.

use std::path::Path;
use std::sync::Arc;

use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::matching::match_references;
use paywarden_domain::reconciliation::run::{Manifest, Run, RunState};
use paywarden_domain::reconciliation::{BookSide, Outcome, Reconciled, Row, RowVerdict};
use paywarden_domain::time::Clock;
use paywarden_store::objects::Objects;
use paywarden_store::queue::Queue;
use paywarden_store::reconciliation::Reconciliation;
use paywarden_store::stores::{InvalidVariable, Stores};
use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::StepError;
use crate::files::{OutcomeRow, RowReader, RowWriter};
use crate::partition::shard_key;
use crate::rows::{ReadRow, WorkRow};
use crate::work::{Tries, Work, settle};

/// Matches shards.
pub struct Matcher {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    /// The queue of runs to finish.
    pub finishes: Arc<dyn Queue>,
    pub clock: Arc<dyn Clock>,
}

impl Matcher {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            table: stores.reconciliation()?,
            objects: stores.reconciliation_files()?,
            finishes: stores.reconciliation_finishes()?,
            clock: stores.clock(),
        })
    }

    /// Does the step.
    ///
    /// # Errors
    /// [`StepError`]: to be tried again.
    pub async fn handle(&self, work: Work) -> Result<(), StepError> {
        let mut tries = Tries::default();
        let outcome = loop {
            let outcome = self.match_shard(&work).await;
            if tries.are_over(&outcome) {
                break outcome;
            }
        };
        settle(&self.table, self.clock.as_ref(), &work, outcome).await
    }

    async fn match_shard(&self, work: &Work) -> Result<(), StepError> {
        let run = work.run(&self.table).await?.filter(|run| run.state == RunState::Matching);
        let Some((run, shard)) = run.zip(work.shard) else {
            return Ok(());
        };
        let Some(manifest) = run.manifest.clone() else {
            return Err(StepError::Impossible("the run has no shards".to_owned()));
        };
        if !self.table.is_shard_done(&run, shard).await? {
            self.settle_rows(&run, &manifest, shard).await?;
            self.table.commit_shard(&run, shard).await?;
        }
        if self.table.shards_done(&run).await? >= usize::from(manifest.shards) {
            Work::on(&run).send(&self.finishes, &run).await?;
        }
        Ok(())
    }

    async fn settle_rows(&self, run: &Run, manifest: &Manifest, shard: u16) -> Result<(), StepError> {
        let folder = TempDir::new()?;
        let [input, decided, open] =
            ["rows.csv", "decided.csv", "open.csv"].map(|name| folder.path().join(name));
        fetch(self.objects.as_ref(), &shard_key(&manifest.prefix, shard), &input).await?;
        let mut rows = Rows::default();
        rows.read(&input)?;
        let (mut ours, mut theirs) = rows.engine_rows();
        let claims = match_references(&mut ours, &mut theirs, &run.scope.rules);
        let (reconciled, ours, theirs) = claims.into_parts();
        write_open(&open, &rows, &ours, &theirs)?;
        let mut writer = RowWriter::create(&decided)?;
        for outcome in rows.outcomes(reconciled) {
            writer.push_outcome(&outcome)?;
        }
        writer.finish()?;
        self.objects.keep(&decided_key(&manifest.prefix, shard), &decided).await?;
        self.objects.keep(&open_key(&manifest.prefix, shard), &open).await?;
        Ok(())
    }
}

/// Fetches a working file, which has to be there.
pub(crate) async fn fetch(objects: &dyn Objects, key: &str, to: &Path) -> Result<(), StepError> {
    if objects.fetch(key, to).await? {
        Ok(())
    } else {
        Err(StepError::Impossible("a working file is gone; start the run again".to_owned()))
    }
}

/// Where the decided rows of a shard are.
pub(crate) fn decided_key(prefix: &str, shard: u16) -> String {
    format!("{prefix}/decided-{shard:05}.csv")
}

/// Where the open rows of a shard are.
pub(crate) fn open_key(prefix: &str, shard: u16) -> String {
    format!("{prefix}/open-{shard:05}.csv")
}

fn write_open(path: &Path, rows: &Rows, ours: &[Row], theirs: &[Row]) -> Result<(), StepError> {
    let mut writer = RowWriter::create(path)?;
    for (side, open) in [(BookSide::Ledger, ours), (BookSide::Statement, theirs)] {
        let mut ordinals: Vec<u32> = open.iter().map(|row| row.line).collect();
        ordinals.sort_unstable();
        for row in ordinals.into_iter().filter_map(|ordinal| rows.find(side, ordinal)) {
            writer.push(&row.work)?;
        }
    }
    writer.finish()
}

/// The rows of a step, each side in the order of its ordinals.
#[derive(Default)]
pub(crate) struct Rows {
    ledger: Vec<ReadRow>,
    statement: Vec<ReadRow>,
}

impl Rows {
    /// Adds the rows of a file.
    pub(crate) fn read(&mut self, path: &Path) -> Result<(), StepError> {
        let mut reader = RowReader::open(path)?;
        while let Some(row) = reader.next()? {
            match row.side() {
                BookSide::Ledger => self.ledger.push(row.into()),
                BookSide::Statement => self.statement.push(row.into()),
            }
        }
        Ok(())
    }

    /// Puts rows of several files in order.
    pub(crate) fn sort(&mut self) {
        self.ledger.sort_unstable_by_key(ReadRow::ordinal);
        self.statement.sort_unstable_by_key(ReadRow::ordinal);
    }

    fn side(&self, side: BookSide) -> &[ReadRow] {
        match side {
            BookSide::Ledger => &self.ledger,
            BookSide::Statement => &self.statement,
        }
    }

    fn find(&self, side: BookSide, ordinal: u32) -> Option<&ReadRow> {
        let rows = self.side(side);
        rows.binary_search_by_key(&ordinal, ReadRow::ordinal).ok().and_then(|place| rows.get(place))
    }

    /// The rows that can be read, as the engine takes them.
    pub(crate) fn engine_rows(&self) -> (Vec<Row>, Vec<Row>) {
        let readable =
            |rows: &[ReadRow]| rows.iter().filter_map(|row| row.row.as_ref().ok().copied()).collect();
        (readable(&self.ledger), readable(&self.statement))
    }

    /// The rows with their outcomes, in the order of a report. Rows that cannot be read have theirs without a verdict.
    pub(crate) fn outcomes(&self, reconciled: Reconciled) -> Vec<OutcomeRow> {
        let differences: std::collections::HashMap<u32, i64> = reconciled.differences.into_iter().collect();
        let mut outcomes = Vec::new();
        for (side, mut verdicts) in
            [(BookSide::Ledger, reconciled.ledger), (BookSide::Statement, reconciled.statement)]
        {
            let unreadable = self.side(side).iter().filter(|row| row.row.is_err());
            verdicts.extend(unreadable.map(|row| RowVerdict {
                line: row.ordinal(),
                counterpart: 0,
                outcome: Outcome::ParseError,
            }));
            verdicts.sort_unstable();
            let difference = |ordinal: u32| match side {
                BookSide::Statement => differences.get(&ordinal).copied(),
                BookSide::Ledger => None,
            };
            outcomes.extend(
                verdicts.iter().filter_map(|verdict| self.outcome(side, verdict, difference(verdict.line))),
            );
        }
        outcomes
    }

    fn outcome(&self, side: BookSide, verdict: &RowVerdict, difference: Option<i64>) -> Option<OutcomeRow> {
        let row = self.find(side, verdict.line)?;
        let other = match side {
            BookSide::Ledger => BookSide::Statement,
            BookSide::Statement => BookSide::Ledger,
        };
        let counterpart = self.find(other, verdict.counterpart).map(|other| &other.work);
        let detail = match (difference, &row.row) {
            (Some(minor), _) => say_difference(minor, row.work.fields().currency),
            (None, Err(problem)) => problem.clone(),
            (None, Ok(_)) => String::new(),
        };
        Some(OutcomeRow {
            outcome: verdict.outcome,
            counterpart: verdict.counterpart,
            counterpart_line: counterpart.map_or("", WorkRow::line).to_owned(),
            counterpart_statement: counterpart.map_or("", WorkRow::statement).to_owned(),
            detail,
            row: row.clone(),
        })
    }
}

/// By how much a statement's row differs from the ledger's, for people.
fn say_difference(minor: i64, code: &str) -> String {
    let exponent = Currency::parse(code).map_or(0, Currency::exponent);
    let amount = Decimal::try_new(minor.saturating_abs(), exponent).unwrap_or_default().normalize();
    let direction = if minor > 0 { "more" } else { "less" };
    format!("the statement has {amount} {code} {direction}")
}
