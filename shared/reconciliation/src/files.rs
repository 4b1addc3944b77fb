//! The working files of a run: its rows, and its rows with their outcome.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord, Writer, WriterBuilder};
use paywarden_domain::reconciliation::Outcome;

use crate::StepError;
use crate::rows::{ReadRow, VALUES, WorkRow};

/// Bytes read or written at a time.
const BUFFER: usize = 1 << 16;

/// A row with its outcome, and where its counterpart stands.
#[derive(Debug, Clone)]
pub struct OutcomeRow {
    /// What became of it.
    pub outcome: Outcome,
    /// The ordinal of its counterpart; zero for none.
    pub counterpart: u32,
    /// The line of its counterpart, and the statement if that is one's.
    pub counterpart_line: String,
    /// The statement of its counterpart.
    pub counterpart_statement: String,
    /// What more there is to say.
    pub detail: String,
    pub row: ReadRow,
}

/// Values before those of the row.
const OUTCOME_VALUES: usize = 5;

impl OutcomeRow {
    /// Whether it is a row of another day that found no counterpart: no business of this run.
    pub fn is_outside(&self) -> bool {
        self.outcome.is_alone() && !self.row.work.is_judged()
    }

    fn to_record(&self) -> StringRecord {
        let mut record = StringRecord::with_capacity(320, OUTCOME_VALUES + VALUES);
        record.push_field(self.outcome.as_str());
        record.push_field(&self.counterpart.to_string());
        record.push_field(&self.counterpart_line);
        record.push_field(&self.counterpart_statement);
        record.push_field(&self.detail);
        self.row.work.0.iter().for_each(|value| record.push_field(value));
        record
    }

    fn of_record(record: &StringRecord) -> Result<Self, StepError> {
        let get = |place: usize| record.get(place).unwrap_or_default();
        let malformed = || StepError::File(std::io::Error::other("an outcome is none"));
        Ok(Self {
            outcome: Outcome::parse(get(0)).map_err(|_| malformed())?,
            counterpart: get(1).parse().map_err(|_| malformed())?,
            counterpart_line: get(2).to_owned(),
            counterpart_statement: get(3).to_owned(),
            detail: get(4).to_owned(),
            row: WorkRow(record.iter().skip(OUTCOME_VALUES).collect()).into(),
        })
    }
}

/// Writes a working file.
pub struct RowWriter(Writer<BufWriter<File>>);

impl RowWriter {
    /// A new file.
    pub fn create(path: &Path) -> Result<Self, StepError> {
        let file = BufWriter::with_capacity(BUFFER, File::create(path)?);
        Ok(Self(WriterBuilder::new().has_headers(false).from_writer(file)))
    }

    /// Adds a row.
    pub fn push(&mut self, row: &WorkRow) -> Result<(), StepError> {
        Ok(self.0.write_record(&row.0)?)
    }

    /// Adds a row with its outcome.
    pub fn push_outcome(&mut self, outcome: &OutcomeRow) -> Result<(), StepError> {
        Ok(self.0.write_record(&outcome.to_record())?)
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<(), StepError> {
        Ok(self.0.flush()?)
    }
}

/// Reads a working file.
pub struct RowReader(Reader<BufReader<File>>);

impl RowReader {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, StepError> {
        let file = BufReader::with_capacity(BUFFER, File::open(path)?);
        Ok(Self(ReaderBuilder::new().has_headers(false).from_reader(file)))
    }

    fn record(&mut self) -> Result<Option<StringRecord>, StepError> {
        let mut record = StringRecord::new();
        Ok(self.0.read_record(&mut record)?.then_some(record))
    }

    /// The next row.
    pub fn next(&mut self) -> Result<Option<WorkRow>, StepError> {
        Ok(self.record()?.map(WorkRow))
    }

    /// The next row with its outcome.
    pub fn next_outcome(&mut self) -> Result<Option<OutcomeRow>, StepError> {
        self.record()?.map(|record| OutcomeRow::of_record(&record)).transpose()
    }
}
