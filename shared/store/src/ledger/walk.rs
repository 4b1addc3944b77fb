//! The ledger of some days from end to end, for whoever takes all of it.

use super::{LedgerQuery, LedgerTable, Position, Run, months, row_key, take_newest};
use crate::StoreError;
use paywarden_domain::ledger::LedgerRow;

/// Rows in the order of a list, each read once: what a page would have read ahead and thrown away is kept for the next row.
pub struct LedgerWalk<'a> {
    table: &'a LedgerTable,
    query: LedgerQuery<'a>,
    after: Option<Position>,
    /// Months that were not begun, oldest first.
    months: Vec<String>,
    /// The partitions of the month that is being read.
    runs: Vec<Run>,
}

impl LedgerTable {
    /// Walks through what a query asks for. Its limit is how many rows are read from a partition at a time.
    #[must_use]
    pub fn walk<'a>(&'a self, query: LedgerQuery<'a>) -> LedgerWalk<'a> {
        let after = query.after.map(Position::parse);
        let mut months = months(&query, after.as_ref());
        months.reverse();
        LedgerWalk { table: self, query, after, months, runs: Vec::new() }
    }
}

impl LedgerWalk<'_> {
    /// The next row that is asked for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn next(&mut self) -> Result<Option<LedgerRow>, StoreError> {
        loop {
            while let Some(run) = self.runs.iter_mut().find(|run| run.must_read_more()) {
                self.table.fetch(run, self.query.limit).await?;
            }
            match take_newest(&mut self.runs) {
                Some(row) if self.is_asked_for(&row) => return Ok(Some(row)),
                Some(_) => {}
                None => match self.months.pop() {
                    Some(month) => self.begin(&month),
                    None => return Ok(None),
                },
            }
        }
    }

    /// Where a walk goes on behind a row, as a query takes it.
    #[must_use]
    pub fn position(row: &LedgerRow) -> String {
        Position { sk: row_key(row).1, shown: row.movements.len() }.to_text()
    }

    fn begin(&mut self, month: &str) {
        let shards = 0..self.query.shard_count.max(1);
        self.runs = shards.map(|shard| Run::new(&self.query, shard, month, self.after.as_ref())).collect();
    }

    /// A partition is read from the position on, which is that of a row that was there before.
    fn is_asked_for(&self, row: &LedgerRow) -> bool {
        let is_before = self.after.as_ref().is_some_and(|after| row_key(row).1 >= after.sk);
        !is_before && self.query.filters.match_row(row)
    }
}
