//! Files of outcomes, each in order, as one in order.
//!
//! The heap holds the next row's key of every file, and only those rows are in memory: a report of ten million rows over 256
//! shards is written with 257 rows at hand. The order is that of the rows as they were read, so a report is the same
//! whatever the number of shards.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use paywarden_domain::reconciliation::BookSide;

use crate::StepError;
use crate::files::{OutcomeRow, RowReader};

/// The outcomes of several files, by side and ordinal.
pub struct Merge {
    readers: Vec<RowReader>,
    heads: Vec<Option<OutcomeRow>>,
    order: BinaryHeap<Reverse<((BookSide, u32), usize)>>,
}

impl Merge {
    /// The outcomes of these files.
    pub fn of(paths: &[PathBuf]) -> Result<Self, StepError> {
        let readers = paths.iter().map(|path| RowReader::open(path)).collect::<Result<Vec<_>, _>>()?;
        let heads = readers.iter().map(|_| None).collect();
        let mut merge = Self { readers, heads, order: BinaryHeap::new() };
        for file in 0..paths.len() {
            merge.advance(file)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, file: usize) -> Result<(), StepError> {
        let (Some(reader), Some(head)) = (self.readers.get_mut(file), self.heads.get_mut(file)) else {
            return Ok(());
        };
        *head = reader.next_outcome()?;
        self.order.extend(head.iter().map(|row| Reverse((row.key(), file))));
        Ok(())
    }

    /// The next outcome.
    pub fn next(&mut self) -> Result<Option<OutcomeRow>, StepError> {
        let Some(Reverse((_, file))) = self.order.pop() else {
            return Ok(None);
        };
        let row = self.heads.get_mut(file).and_then(Option::take);
        self.advance(file)?;
        Ok(row)
    }
}
