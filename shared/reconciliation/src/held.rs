//! The rows of working files as the engine takes them: memory holds [`Row::BYTES`] of each and no text. Within the files, the
//! rows of each side are numbered from 1 in the order of their ordinals. What a row says is read once more by whoever
//! writes its outcome down; where it stands is on the disk until the rows are not in memory any more.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use paywarden_domain::reconciliation::{BookSide, Row};

use crate::StepError;
use crate::merge::Merge;
use crate::rows::{ReadRow, WorkRow};

/// Values of four bytes that say where a row stands: its ordinal, its line, and which statement it is from.
const VALUES: usize = 3;
const VALUE_BYTES: usize = 4;
const PLACE_BYTES: usize = VALUES * VALUE_BYTES;

/// The rows of both sides that can be read, each under its number.
#[derive(Default)]
pub struct HeldRows {
    pub ledger: Vec<Row>,
    pub statement: Vec<Row>,
}

impl HeldRows {
    /// Room for so many rows of the ledger and of the statement, and no more than that.
    pub fn with_room([ledger, statement]: [u32; 2]) -> Self {
        let room = |rows: u32| Vec::with_capacity(usize::try_from(rows).unwrap_or_default());
        Self { ledger: room(ledger), statement: room(statement) }
    }

    /// Reads the rows of files that are in order each, and writes down where they stand.
    pub fn read(&mut self, files: &[PathBuf], places: &Path) -> Result<PlacesFile, StepError> {
        let mut places = PlacesFile::create(places)?;
        let mut merge = Merge::<ReadRow>::of(files)?;
        while let Some(row) = merge.next()? {
            let line = places.push(&row.work)?;
            let side = match row.work.side() {
                BookSide::Ledger => &mut self.ledger,
                BookSide::Statement => &mut self.statement,
            };
            side.extend(row.row.ok().map(|row| row.on_line(line)));
        }
        Ok(places)
    }

    /// Bytes of memory that they have room in.
    pub fn bytes(&self) -> usize {
        self.ledger.capacity().saturating_add(self.statement.capacity()).saturating_mul(Row::BYTES)
    }
}

/// Where rows stand, by their numbers, on the disk.
pub struct PlacesFile {
    path: PathBuf,
    file: BufWriter<File>,
    statements: Vec<String>,
    /// Rows of the ledger, and of the statement.
    counts: [u32; 2],
}

impl PlacesFile {
    fn create(path: &Path) -> Result<Self, StepError> {
        let file = BufWriter::new(File::create(path)?);
        Ok(Self { path: path.to_owned(), file, statements: Vec::new(), counts: [0, 0] })
    }

    /// Takes the next row; answers its number.
    fn push(&mut self, row: &WorkRow) -> Result<u32, StepError> {
        let statement = self.statements.iter().position(|statement| statement == row.statement());
        let statement = statement.unwrap_or_else(|| {
            self.statements.push(row.statement().to_owned());
            self.statements.len().saturating_sub(1)
        });
        let line = row.line().parse().unwrap_or_default();
        for value in [row.ordinal(), line, u32::try_from(statement).unwrap_or_default()] {
            self.file.write_all(&value.to_le_bytes())?;
        }
        let [ledger, statement] = &mut self.counts;
        let count = match row.side() {
            BookSide::Ledger => ledger,
            BookSide::Statement => statement,
        };
        *count = count.saturating_add(1);
        Ok(*count)
    }

    /// Rows of the ledger and of the statement, those that cannot be read too.
    pub const fn counts(&self) -> [u32; 2] {
        self.counts
    }

    /// Takes all of it into memory, where the rows were before.
    pub fn load(mut self) -> Result<Places, StepError> {
        self.file.flush()?;
        let bytes = std::fs::read(&self.path)?;
        Ok(Places { bytes, statements: self.statements, counts: self.counts })
    }
}

/// Where rows stand, by their numbers.
pub struct Places {
    bytes: Vec<u8>,
    statements: Vec<String>,
    counts: [u32; 2],
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowPlace<'a> {
    pub ordinal: u32,
    pub line: u32,
    /// The statement; empty for the ledger's rows.
    pub statement: &'a str,
}

impl Places {
    /// Rows of the ledger and of the statement.
    pub const fn counts(&self) -> [u32; 2] {
        self.counts
    }

    /// Where the row of this side and number stands; numbers count from 1.
    pub fn get(&self, side: BookSide, number: u32) -> Option<RowPlace<'_>> {
        let [ledger, _] = self.counts;
        let before = match side {
            BookSide::Ledger => 0,
            BookSide::Statement => ledger,
        };
        let index = usize::try_from(before.checked_add(number.checked_sub(1)?)?).ok()?;
        let start = index.checked_mul(PLACE_BYTES)?;
        let bytes = self.bytes.get(start..)?.first_chunk::<PLACE_BYTES>()?;
        let mut values = bytes.as_chunks::<VALUE_BYTES>().0.iter().map(|value| u32::from_le_bytes(*value));
        let (ordinal, line, statement) = (values.next()?, values.next()?, values.next()?);
        let statement = self.statements.get(usize::try_from(statement).ok()?)?;
        Some(RowPlace { ordinal, line, statement })
    }
}

#[cfg(test)]
mod tests {
    use paywarden_domain::id::StatementId;
    use paywarden_domain::reconciliation::{RowFields, Rules};
    use paywarden_domain::statement::LineProblem;

    use super::*;
    use crate::files::RowWriter;
    use crate::rows::Place;

    fn row(ordinal: u32, statement: &StatementId, line: u32) -> WorkRow {
        let fields = RowFields {
            reference: "INV1",
            kind: "Transfer",
            direction: "credit",
            amount: "10000",
            currency: "IDR",
            at: "2026-11-20T08:00:00Z",
            status: "SETTLED",
            ..RowFields::default()
        };
        let place = Place { ordinal, judged: true, statement: Some(statement), line, day: None };
        WorkRow::of_statement(place, fields, &Rules::default())
    }

    #[test]
    fn a_row_holds_no_more_memory_than_its_budget_and_is_found_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let ids = ["one", "other"].map(|name| StatementId::derived("test", &[name.as_bytes()]));
        let (count, unreadable) = (1_000_u32, 7);
        let [column, expected, text] = ["amount", "expected a number", "x"].map(str::to_owned);
        let problem = LineProblem { line: 9, column, expected, text };
        // Two files, as of two shards: every second row is in either.
        let files = [0, 1].map(|file| folder.path().join(format!("open-{file}.csv")));
        for (file, path) in (0..).zip(&files) {
            let mut writer = RowWriter::create(path).unwrap();
            for ordinal in (2..count + 2).filter(|ordinal| ordinal % 2 == file) {
                let id = &ids[usize::from(ordinal > count / 2)];
                let place = Place { ordinal, judged: true, statement: Some(id), line: 9, day: None };
                let row = if ordinal == unreadable {
                    WorkRow::unreadable(place, &problem)
                } else {
                    row(ordinal, id, ordinal * 3)
                };
                writer.push(&row).unwrap();
            }
            writer.finish().unwrap();
        }
        let mut held = HeldRows::with_room([0, count - 1]);
        let places = held.read(&files, &folder.path().join("places")).unwrap();
        assert_eq!((places.counts(), held.statement.len()), ([0, count], 999));
        assert!(held.bytes() <= 999 * 56, "{} bytes", held.bytes());
        assert_eq!(size_of_val(held.statement.as_slice()), 999 * 56);
        assert!(held.statement.iter().all(|row| row.line != unreadable - 1), "its number stays free");
        let places = places.load().unwrap();
        assert!(places.bytes.len() <= 1_000 * 12);
        for number in [1, 499, 500, count] {
            let ordinal = number + 1;
            let statement = ids[usize::from(ordinal > count / 2)].as_str();
            let expected = RowPlace { ordinal, line: ordinal * 3, statement };
            assert_eq!(places.get(BookSide::Statement, number), Some(expected));
        }
        assert_eq!(places.get(BookSide::Statement, 0), None);
        assert_eq!(places.get(BookSide::Statement, count + 1), None);
    }
}
