//! Working files, each in order, as one in order.
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
use crate::rows::ReadRow;

/// What stands in working files in the order of a report: the ledger's rows, then the statements', by ordinal.
pub trait InOrder: Sized {
    /// The next one of a file.
    fn next_of(reader: &mut RowReader) -> Result<Option<Self>, StepError>;

    /// Where it comes.
    fn key(&self) -> (BookSide, u32);
}

impl InOrder for ReadRow {
    fn next_of(reader: &mut RowReader) -> Result<Option<Self>, StepError> {
        Ok(reader.next()?.map(Self::from))
    }

    fn key(&self) -> (BookSide, u32) {
        (self.work.side(), self.ordinal())
    }
}

impl InOrder for OutcomeRow {
    fn next_of(reader: &mut RowReader) -> Result<Option<Self>, StepError> {
        reader.next_outcome()
    }

    fn key(&self) -> (BookSide, u32) {
        self.row.key()
    }
}

/// The rows of several files, by side and ordinal.
pub struct Merge<T> {
    readers: Vec<RowReader>,
    heads: Vec<Option<T>>,
    order: BinaryHeap<Reverse<((BookSide, u32), usize)>>,
}

impl<T: InOrder> Merge<T> {
    /// The rows of these files.
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
        *head = T::next_of(reader)?;
        self.order.extend(head.iter().map(|row| Reverse((row.key(), file))));
        Ok(())
    }

    /// The next row.
    pub fn next(&mut self) -> Result<Option<T>, StepError> {
        let Some(Reverse((_, file))) = self.order.pop() else {
            return Ok(None);
        };
        let row = self.heads.get_mut(file).and_then(Option::take);
        self.advance(file)?;
        Ok(row)
    }
}
