//! Reading one side's file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use indicatif::ProgressBar;
use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::reconciliation::{BookSide, Row, RowFields, RowProblem, Rules};
use paywarden_domain::spreadsheet::original_bytes;

use crate::tally::KeyedSums;

/// Parts into which rows are put by their reference. A part is matched at a time, and forgotten.
pub const PARTS: usize = 16;

/// Rows between two movements of a progress bar.
const PROGRESS_ROWS: u32 = 1 << 16;

/// A file that cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct Unusable {
    /// Which.
    pub file: String,
    /// Where.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// One side's file.
pub struct SideFile {
    /// Whose.
    pub origin: BookSide,
    path: PathBuf,
}

/// What was read of it.
pub struct SideRows {
    /// Rows by part.
    pub parts: Vec<Vec<Row>>,
    /// Rows that could not be read.
    pub problems: BTreeMap<u32, RowProblem>,
    /// Rows, the unreadable ones too.
    pub count: u32,
    /// Minor units by currency and kind.
    pub totals: KeyedSums<(Currency, Kind)>,
    /// The last second since 1970 in which anything happened.
    pub last_second: u32,
}

/// Where the fields of a row stand in a file, if they do.
pub struct Places(RowFields<Option<usize>>);

impl Places {
    /// A record's fields, as they were before they were made harmless for spreadsheets; nothing where the record is too
    /// short.
    pub fn bytes<'a>(&self, record: &'a ByteRecord) -> RowFields<&'a [u8]> {
        self.0.map(|place| place.and_then(|place| record.get(place)).map(original_bytes).unwrap_or_default())
    }
}

/// Fields as text; nothing for what is none.
pub fn texts(fields: RowFields<&[u8]>) -> RowFields<&str> {
    fields.map(|bytes| std::str::from_utf8(bytes).unwrap_or_default())
}

impl SideFile {
    /// The file at `path`.
    pub fn new(origin: BookSide, path: &Path) -> Self {
        Self { origin, path: path.to_owned() }
    }

    /// Opens it and finds its columns by name, in whatever order and beside whichever others they stand.
    pub fn open(&self, progress: &ProgressBar) -> anyhow::Result<(csv::Reader<impl Read + use<>>, Places)> {
        let unusable = |reason: String| Unusable { file: self.path.display().to_string(), line: 1, reason };
        let mut file = File::open(&self.path).map_err(|error| unusable(error.to_string()))?;
        progress.set_length(file.metadata().map_or(0, |metadata| metadata.len()));
        skip_byte_order_mark(&mut file)?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 20).from_reader(file);
        let header = reader.byte_headers().map_err(|error| unusable(error.to_string()))?.clone();
        let place = |name: &str| {
            let found = header.iter().position(|column| column.trim_ascii() == name.as_bytes());
            found.ok_or_else(|| unusable(format!("the column {name} is missing")))
        };
        let places = self.origin.header().map(place).collect::<Result<Vec<_>, _>>()?;
        Ok((reader, Places(self.origin.of_line(|column| places.get(column).copied()))))
    }

    /// Reads every row, with ids as these rules compare them. One that cannot be read is kept by its line.
    pub fn read(&self, rules: &Rules, progress: &ProgressBar) -> anyhow::Result<SideRows> {
        let (mut reader, places) = self.open(progress)?;
        let expected = self.expected_rows()?;
        let mut side = SideRows {
            parts: (0..PARTS).map(|_| Vec::with_capacity(expected / PARTS)).collect(),
            problems: BTreeMap::new(),
            count: 0,
            totals: KeyedSums::default(),
            last_second: 0,
        };
        let mut record = ByteRecord::new();
        while self.next(&mut reader, &mut record)? {
            let line = side.count.saturating_add(2);
            side.count = side.count.saturating_add(1);
            let fields = texts(places.bytes(&record));
            let provider_transaction_id = rules.compared_id(fields.provider_transaction_id);
            match Row::read(self.origin, &RowFields { provider_transaction_id, ..fields }, line) {
                Ok(row) => side.take(row),
                Err(problem) => drop(side.problems.insert(line, problem)),
            }
            if side.count.is_multiple_of(PROGRESS_ROWS) {
                progress.set_position(reader.position().byte());
            }
        }
        progress.finish_and_clear();
        Ok(side)
    }

    /// Reads the next record; answers whether there was one.
    pub fn next<R: Read>(
        &self,
        reader: &mut csv::Reader<R>,
        record: &mut ByteRecord,
    ) -> anyhow::Result<bool> {
        let line = reader.position().line();
        reader.read_byte_record(record).map_err(|error| {
            Unusable { file: self.path.display().to_string(), line, reason: error.to_string() }.into()
        })
    }

    /// About how many rows the file has, by the length of its first ones: so that no list is copied while it grows.
    fn expected_rows(&self) -> anyhow::Result<usize> {
        let mut sample = vec![0; 1 << 16];
        let mut file = File::open(&self.path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let read = file.read(&mut sample)?;
        let lines = sample.iter().take(read).filter(|byte| **byte == b'\n').count().max(1);
        let per_line = read.checked_div(lines).unwrap_or(1).max(1);
        Ok(length.checked_div(per_line).unwrap_or(0).saturating_add(length / per_line / 50))
    }
}

impl SideRows {
    fn take(&mut self, row: Row) {
        self.totals.add((row.currency, row.kind()), i128::from(row.minor));
        self.last_second = self.last_second.max(row.second);
        let [hash, _] = row.reference;
        let part = usize::try_from(hash >> 60).unwrap_or_default();
        if let Some(part) = self.parts.get_mut(part) {
            part.push(row);
        }
    }
}

fn skip_byte_order_mark(file: &mut File) -> std::io::Result<()> {
    let mut start = [0; 3];
    let read = file.read(&mut start)?;
    if read < 3 || start != *b"\xef\xbb\xbf" {
        file.seek(SeekFrom::Start(0))?;
    }
    Ok(())
}
