//! A file as records of cells, every physical line accounted for.
//!
//! A record may go over several lines where a quoted cell does. Whether its quote was meant is judged when it ends: one
//! that takes whole records with it, or never closes, is a problem of the line it stands on, and the lines behind it
//! are read again on their own.

use std::io::BufRead;

use csv::StringRecord;
use paywarden_domain::statement::{Extent, FileAccount};

use super::cells::CellCutter;
use super::lines::{MAX_LINE_BYTES, PhysicalLine, PhysicalLines};
use super::{ColumnProblem, StatementError, excerpt_of};

/// Separators that the formats known by name come with: a spreadsheet writes what its country uses.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// Physical lines that one record may go over.
const MAX_RECORD_LINES: usize = 64;

/// Bytes that a record may have which goes over several lines.
const MAX_RECORD_BYTES: usize = MAX_LINE_BYTES;

/// A record, and the lines it stands on.
pub struct Record {
    /// Its first line's number in the file.
    pub line: u32,
    pub extent: Extent,
    /// Its cells, or why they cannot be told.
    pub cells: Result<StringRecord, ColumnProblem>,
    /// What its first line says, where its cells cannot be told.
    pub text: String,
}

/// A file whose header was read.
pub struct Sheet<R> {
    lines: PhysicalLines<R>,
    cutter: CellCutter,
    header: StringRecord,
    /// Cells of the header up to the last one that names a column.
    width: usize,
    /// What became of the lines that are no records.
    account: FileAccount,
}

impl<R: BufRead> Sheet<R> {
    /// Opens a file with this separator, its header below `skip` lines.
    pub fn open(mut lines: PhysicalLines<R>, separator: char, skip: u32) -> Result<Self, StatementError> {
        let separator = u8::try_from(separator)
            .map_err(|_| StatementError::Unusable("the separator is none of one byte".to_owned()))?;
        let mut account = FileAccount { header: lines.before(), ..FileAccount::default() };
        for _ in 0..skip {
            let line = lines.next()?.ok_or_else(|| {
                StatementError::Unusable("the file has fewer lines than are to be skipped".to_owned())
            })?;
            account.header.add(line.extent());
        }
        let cutter = CellCutter::new(separator);
        let mut sheet = Self { lines, cutter, header: StringRecord::new(), width: 0, account };
        sheet.read_header()?;
        Ok(sheet)
    }

    /// Opens a file with the separator that its first line has most of.
    pub fn open_any(mut lines: PhysicalLines<R>) -> Result<Self, StatementError> {
        let first = lines.next()?;
        let text = first.as_ref().map(|line| line.text.as_slice()).unwrap_or_default();
        let count = |separator: &u8| text.iter().filter(|byte| *byte == separator).count();
        let separator = SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        lines.give_back(first.into_iter());
        Self::open(lines, char::from(separator), 0)
    }

    /// The names of the columns.
    pub fn header(&self) -> &StringRecord {
        &self.header
    }

    /// What was read, and what became of the lines that are no records.
    pub fn account(&self) -> FileAccount {
        FileAccount { total: self.lines.total(), ..self.account }
    }

    /// The next record; blank lines are passed over.
    pub fn next(&mut self) -> Result<Option<Record>, StatementError> {
        let Some(first) = self.next_written()? else {
            return Ok(None);
        };
        let mut taken = vec![first];
        let is_whole = self.take_record(&mut taken)?;
        Ok(Some(if is_whole && (taken.len() == 1 || self.is_one_record(&taken)) {
            self.record(&taken)
        } else {
            self.stray(taken)
        }))
    }

    fn next_written(&mut self) -> Result<Option<PhysicalLine>, StatementError> {
        while let Some(line) = self.lines.next()? {
            if !line.is_blank() {
                return Ok(Some(line));
            }
            self.account.blank.add(line.extent());
        }
        Ok(None)
    }

    /// Takes lines until their record ends; answers whether it did.
    fn take_record(&mut self, taken: &mut Vec<PhysicalLine>) -> Result<bool, StatementError> {
        self.cutter.begin();
        let mut bytes = 0_usize;
        loop {
            let Some(last) = taken.last().filter(|line| !line.is_cut()) else {
                return Ok(false);
            };
            bytes = bytes.saturating_add(last.text.len());
            if self.cutter.take(&last.text) {
                return Ok(true);
            }
            // A line between the quotes that has the cells of a record is one: there is no need to look on.
            let is_record = taken.len() > 1 && self.is_as_wide(last);
            if is_record || taken.len() >= MAX_RECORD_LINES || bytes > MAX_RECORD_BYTES {
                return Ok(false);
            }
            match self.lines.next()? {
                Some(line) => taken.push(line),
                None => return Ok(false),
            }
        }
    }

    /// Whether a line has as many cells as the header has names.
    fn is_as_wide(&self, line: &PhysicalLine) -> bool {
        self.width > 1 && self.cutter.width_of(&line.text) >= self.width
    }

    /// Whether lines that were joined by a quote are a record as wide as the header, rather than several with a stray
    /// quote in the first: then the first and the last would each have all of its cells.
    fn is_one_record(&self, taken: &[PhysicalLine]) -> bool {
        let ends_are_records =
            [taken.first(), taken.last()].iter().flatten().all(|line| self.is_as_wide(line));
        let cells = self.cutter.cells();
        let mut more = cells.iter().skip(self.width);
        let fits = cells.len() >= self.width && more.all(|cell| cell.trim_ascii().is_empty());
        fits && !ends_are_records && !self.cutter.is_torn()
    }

    fn record(&self, taken: &[PhysicalLine]) -> Record {
        let extent = taken.iter().fold(Extent::default(), |sum, line| sum.plus(line.extent()));
        let cells = StringRecord::from_byte_record(self.cutter.cells().clone())
            .map_err(|_| ColumnProblem::new("(line)", "expected text in UTF-8"));
        let first = taken.first();
        let text = first.filter(|_| cells.is_err()).map(|line| excerpt_of(&line.text)).unwrap_or_default();
        Record { line: first.map_or(0, |line| line.number), extent, cells, text }
    }

    /// The problem of a line that is too long, or has a quote that takes others with it. Those are given back.
    fn stray(&mut self, taken: Vec<PhysicalLine>) -> Record {
        let mut taken = taken.into_iter();
        let Some(first) = taken.next() else {
            return self.record(&[]);
        };
        let problem = if first.is_cut() {
            ColumnProblem::new("(line)", format!("expected a line of at most {MAX_LINE_BYTES} bytes"))
        } else {
            let column = self.header.get(self.cutter.opened_in()).map_or("(line)", str::trim);
            let expected = format!(
                "expected the quote that opens here to be closed before the next record, within {MAX_RECORD_LINES} \
                 lines; the lines behind this one were read without it"
            );
            ColumnProblem::new(column, expected)
        };
        self.lines.give_back(taken);
        let text = excerpt_of(&first.text);
        Record { line: first.number, extent: first.extent(), cells: Err(problem), text }
    }

    /// Reads the names of the columns. They may have line breaks in them, but no separators besides: those would be rows.
    fn read_header(&mut self) -> Result<(), StatementError> {
        let unusable = |reason: &str| StatementError::Unusable(reason.to_owned());
        let Some(first) = self.next_written()? else {
            return Err(unusable("the file is empty"));
        };
        let mut taken = vec![first];
        let is_whole = self.take_record(&mut taken)?;
        let swallows = taken.len() > 1 && (self.cutter.joins_cells() || self.cutter.is_torn());
        if !is_whole || swallows {
            return Err(unusable("the header has a quote that is not closed, or is too long"));
        }
        let record = self.record(&taken);
        self.account.header.add(record.extent);
        self.header = record.cells.map_err(|_| unusable("the header is no text in UTF-8"))?;
        let named = (1_usize..).zip(&self.header).filter(|(_, name)| !name.trim().is_empty());
        self.width = named.map(|(number, _)| number).max().unwrap_or_default();
        Ok(())
    }
}
