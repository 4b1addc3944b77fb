//! Reading statements: a file of some provider's making into rows that can be held against the ledger.
//!
//! A file is read line by line and never kept as a whole. Every line becomes rows, or a problem that names its line and
//! column; none is dropped, and the report accounts for all of them and their bytes. A byte order mark, either kind of
//! line end, quoted separators, further columns and columns in another order make no difference.

mod adyen;
mod cells;
mod columns;
mod foreign;
mod lines;
mod number;
mod paywarden;
mod sheet;
mod summary;
mod xendit;

use std::io::{BufRead, BufReader, Read};

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::reconciliation::RowFields;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::statement::{Check, Format, LineProblem, ParseReport, Reading};

use self::adyen::Adyen;
use self::columns::ColumnMap;
use self::lines::PhysicalLines;
use self::paywarden::Paywarden;
use self::sheet::{Record, Sheet};
use self::summary::ParseTally;
use self::xendit::Xendit;

/// Bytes in which the header has to stand.
const HEADER_BYTES: usize = 64 * 1024;

/// Characters of an unreadable line that are kept.
const EXCERPT_CHARACTERS: usize = 200;

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// It is no statement of this format; the text says why, for its sender.
    #[error("{0}")]
    Unusable(String),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// One movement as a statement tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// The merchant's reference; empty when the provider does not know it.
    pub reference: String,
    /// The provider's own id.
    pub provider_transaction_id: String,
    /// Transfer, Fee or Tax.
    pub kind: Kind,
    pub direction: Side,
    /// The amount, never negative.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// RFC 3339.
    pub booked_at: String,
    /// The payout it is part of.
    pub settlement_id: String,
    /// SETTLED, REVERSED, or what else the provider says.
    pub status: String,
}

impl StatementRow {
    /// Its texts.
    #[must_use]
    pub fn fields(&self) -> RowFields<&str> {
        RowFields {
            reference: &self.reference,
            provider_transaction_id: &self.provider_transaction_id,
            kind: self.kind.as_str(),
            direction: self.direction.as_str(),
            amount: &self.amount,
            currency: &self.currency,
            at: &self.booked_at,
            group_reference: &self.settlement_id,
            status: &self.status,
            transaction_id: "",
        }
    }
}

/// What one line came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A row of it.
    Row {
        /// The line in the file, from 1.
        line: u32,
        row: StatementRow,
    },
    /// It cannot be read.
    Problem(LineProblem),
}

/// A problem with a line whose number is not known yet.
#[derive(Clone)]
pub(crate) struct ColumnProblem {
    column: String,
    expected: String,
}

impl ColumnProblem {
    pub(crate) fn new(column: &str, expected: impl Into<String>) -> Self {
        Self { column: column.to_owned(), expected: expected.into() }
    }
}

/// What a line tells.
enum Told {
    /// Movements; none where it moves nothing.
    Rows(Vec<StatementRow>),
    /// What came before it.
    Summary,
}

/// Reads the lines of one format.
trait LineReader {
    /// What a line tells.
    fn read(&mut self, record: &StringRecord) -> Result<Told, ColumnProblem>;

    /// What the file says of itself and whether it holds.
    fn checks(&self) -> Vec<Check> {
        Vec::new()
    }
}

/// Reads a statement; `sink` gets every row and every problem in the order of their lines. Without a reading, the header
/// tells which of the formats that are known by name it is.
///
/// # Errors
/// [`StatementError`].
pub fn read(
    input: impl Read,
    reading: Option<&Reading>,
    sink: &mut dyn FnMut(Line) -> std::io::Result<()>,
) -> Result<ParseReport, StatementError> {
    let mut input = BufReader::with_capacity(HEADER_BYTES, input);
    if let Some(refusal) = foreign::refusal(input.fill_buf()?) {
        return Err(StatementError::Unusable(refusal));
    }
    let before = skip_byte_order_mark(&mut input)?;
    let (format, mut sheet, mut reader) = open(PhysicalLines::new(input, before), reading)?;
    let mut tally = ParseTally::default();
    while let Some(record) = sheet.next()? {
        take(&record, reader.as_mut(), &mut tally, sink)?;
    }
    Ok(tally.into_report(format, reader.checks(), sheet.account()))
}

/// Takes one record: its rows or its problem go to the sink.
fn take(
    record: &Record,
    reader: &mut dyn LineReader,
    tally: &mut ParseTally,
    sink: &mut dyn FnMut(Line) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let line = record.line;
    let told = match &record.cells {
        Ok(cells) => reader.read(cells).and_then(|told| tally.take(&told, record.extent).map(|()| told)),
        Err(problem) => Err(problem.clone()),
    };
    match told {
        Ok(Told::Rows(rows)) => rows.into_iter().try_for_each(|row| sink(Line::Row { line, row })),
        Ok(Told::Summary) => Ok(()),
        Err(ColumnProblem { column, expected }) => {
            let text = record.cells.as_ref().map_or_else(|_| record.text.clone(), excerpt);
            let problem = LineProblem { line, column, expected, text };
            tally.refuse(&problem, record.extent);
            sink(Line::Problem(problem))
        }
    }
}

/// The beginning of a line, for whoever looks for what is wrong with it.
fn excerpt(record: &StringRecord) -> String {
    let text: Vec<&str> = record.iter().collect();
    text.join(",").chars().take(EXCERPT_CHARACTERS).collect()
}

/// [`excerpt`] of a line that was not cut into cells.
fn excerpt_of(line: &[u8]) -> String {
    let most = EXCERPT_CHARACTERS.saturating_mul(4);
    let beginning = line.get(..most).unwrap_or(line).trim_ascii_end();
    String::from_utf8_lossy(beginning).chars().take(EXCERPT_CHARACTERS).collect()
}

type Opened<R> = (Format, Sheet<R>, Box<dyn LineReader>);

fn open<R: BufRead>(lines: PhysicalLines<R>, reading: Option<&Reading>) -> Result<Opened<R>, StatementError> {
    let format = match reading {
        Some(Reading::Columns(map)) => {
            let sheet = Sheet::open(lines, map.separator, map.skip_lines)?;
            let reader = Box::new(ColumnMap::new((**map).clone(), sheet.header())?);
            return Ok((Format::Columns, sheet, reader));
        }
        Some(reading) => Some(reading.format()),
        None => None,
    };
    let sheet = Sheet::open_any(lines)?;
    let known: [(Format, Opener); 3] =
        [(Format::Paywarden, Paywarden::open), (Format::Xendit, Xendit::open), (Format::Adyen, Adyen::open)];
    let mut missing = Vec::new();
    for (own, open) in known.into_iter().filter(|(own, _)| format.is_none_or(|format| format == *own)) {
        match open(sheet.header()) {
            Ok(reader) => return Ok((own, sheet, reader)),
            Err(column) => missing.push(format!("read as {}: the column {column} is missing", own.title())),
        }
    }
    Err(StatementError::Unusable(missing.join("; ")))
}

/// Makes the reader of a format for a header, or names a column that the header lacks.
type Opener = fn(&StringRecord) -> Result<Box<dyn LineReader>, String>;

/// Answers how many bytes were skipped.
fn skip_byte_order_mark(input: &mut impl BufRead) -> std::io::Result<u64> {
    if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
        return Ok(3);
    }
    Ok(0)
}

/// Where a column stands, by its name in any case.
fn place(header: &StringRecord, name: &str) -> Option<usize> {
    header.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
}

/// Where a column stands that has to be there.
fn required(header: &StringRecord, name: &str) -> Result<usize, String> {
    place(header, name).ok_or_else(|| name.to_owned())
}

/// The value in a column, without the space around it; nothing where the line is too short.
fn cell(record: &StringRecord, place: usize) -> &str {
    record.get(place).unwrap_or_default().trim()
}

/// The currency in a column. Some write its code in small letters.
fn currency(record: &StringRecord, place: usize) -> String {
    cell(record, place).to_ascii_uppercase()
}

#[cfg(test)]
mod tests;
