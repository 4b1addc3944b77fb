//! A file as lines of cells.

use std::io::{BufRead, Chain};

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord, Terminator};

use super::{ColumnProblem, StatementError};

/// Separators that the formats known by name come with: a spreadsheet writes what its country uses.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// A line's number in the file, and its cells if they are text.
type SheetLine = (u32, Result<StringRecord, ColumnProblem>);

/// A file whose header was read.
pub struct Sheet<R> {
    reader: Reader<Chain<R, &'static [u8]>>,
    header: StringRecord,
    skipped: u32,
    record: ByteRecord,
}

impl<R: BufRead> Sheet<R> {
    /// Opens a file with this separator, its header below `skip` lines.
    pub fn open(mut input: R, separator: char, skip: u32) -> Result<Self, StatementError> {
        let mut line = Vec::new();
        for _ in 0..skip {
            line.clear();
            if input.read_until(b'\n', &mut line)? == 0 {
                return Err(StatementError::Unusable(
                    "the file has fewer lines than are to be skipped".to_owned(),
                ));
            }
        }
        let separator = u8::try_from(separator)
            .map_err(|_| StatementError::Unusable("the separator is none of one byte".to_owned()))?;
        // A line ends with its LF, and the last one too: so lines can be counted. A CR before it goes with the space around
        // a cell.
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .terminator(Terminator::Any(b'\n'))
            .flexible(true)
            .from_reader(input.chain(b"\n".as_slice()));
        let header = reader.headers().map_err(unusable)?.clone();
        Ok(Self { reader, header, skipped: skip, record: ByteRecord::new() })
    }

    /// Opens a file with the separator that its first line has most of.
    pub fn open_any(mut input: R) -> Result<Self, StatementError> {
        let start = input.fill_buf()?;
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |separator: &u8| line.iter().filter(|byte| *byte == separator).count();
        let separator = SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        Self::open(input, char::from(separator), 0)
    }

    /// The names of the columns.
    pub fn header(&self) -> &StringRecord {
        &self.header
    }

    /// The next line that is not empty, with its number in the file.
    pub fn next(&mut self) -> Result<Option<SheetLine>, StatementError> {
        loop {
            if !self.reader.read_byte_record(&mut self.record).map_err(unusable)? {
                return Ok(None);
            }
            // With a CR in it, an empty line is a cell of its own to the parser.
            if self.record.as_slice() != b"\r" {
                break;
            }
        }
        let line = self.line();
        let text = StringRecord::from_byte_record(self.record.clone());
        Ok(Some((line, text.map_err(|_| ColumnProblem::new("(line)", "expected text in UTF-8")))))
    }
}

impl<R: BufRead> Sheet<R> {
    /// The line that the record just read begins on: the one behind it, less those it has itself. Where the parser says
    /// that a record begins, empty lines may still come before it.
    fn line(&self) -> u32 {
        let breaks = self.record.iter().flatten().filter(|byte| **byte == b'\n').count();
        let own = u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1);
        let line = self.reader.position().line().saturating_sub(own);
        u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.skipped)
    }
}

fn unusable(error: csv::Error) -> StatementError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => StatementError::Io(error),
        csv::ErrorKind::Utf8 { .. } => StatementError::Unusable("the header is no text in UTF-8".to_owned()),
        other => StatementError::Unusable(format!("the file is no CSV: {other:?}")),
    }
}
