//! The working files of a run: rows of both sides in one form, and rows with their outcome.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord, Writer, WriterBuilder};
use paywarden_domain::id::StatementId;
use paywarden_domain::reconciliation::exception::ExceptionRow;
use paywarden_domain::reconciliation::{LedgerFields, Origin, Outcome, Row, RowProblem, StatementFields};
use paywarden_domain::statement::LineProblem;

use crate::StepError;

/// Bytes read or written at a time.
const BUFFER: usize = 1 << 16;

/// Where the values of a row stand.
mod place {
    pub const ORDINAL: usize = 0;
    pub const SIDE: usize = 1;
    pub const JUDGED: usize = 2;
    pub const STATEMENT: usize = 3;
    pub const LINE: usize = 4;
    pub const PROBLEM: usize = 5;
    pub const TEXT: usize = 6;
    pub const TRANSACTION: usize = 7;
    pub const REFERENCE: usize = 8;
    pub const PROVIDER_TRANSACTION: usize = 9;
    pub const GROUP: usize = 10;
    pub const KIND: usize = 11;
    pub const DIRECTION: usize = 12;
    pub const AMOUNT: usize = 13;
    pub const CURRENCY: usize = 14;
    pub const AT: usize = 15;
    pub const STATUS: usize = 16;
    pub const COUNT: usize = 17;
}

/// A row of either side, as the steps hand it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkRow(StringRecord);

/// Where a row comes from.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its number within its side of the run, from 2, as if both sides were files with a header.
    pub ordinal: u32,
    /// Whether its day is one of those that the run judges; other rows are there as counterparts only.
    pub judged: bool,
    /// The statement, of a statement's row.
    pub statement: Option<&'a StatementId>,
    /// The line in the statement's file; of the ledger, the ordinal.
    pub line: u32,
}

impl WorkRow {
    /// A ledger's row.
    pub fn of_ledger(place: Place<'_>, fields: &LedgerFields<'_>) -> Self {
        let values = [
            fields.transaction_id,
            fields.reference,
            fields.provider_transaction_id,
            fields.payment_reference,
            fields.kind,
            fields.direction,
            fields.amount,
            fields.currency,
            fields.occurred_at,
            fields.status,
        ];
        Self::new(Origin::Ledger, place, ["", ""], values)
    }

    /// A statement's row.
    pub fn of_statement(place: Place<'_>, fields: &StatementFields<'_>) -> Self {
        let values = [
            "",
            fields.reference,
            fields.provider_transaction_id,
            fields.settlement_id,
            fields.kind,
            fields.direction,
            fields.amount,
            fields.currency,
            fields.booked_at,
            fields.status,
        ];
        Self::new(Origin::Statement, place, ["", ""], values)
    }

    /// A statement's line that cannot be read.
    pub fn unreadable(place: Place<'_>, problem: &LineProblem) -> Self {
        let said = format!("{}: {}", problem.column, problem.expected);
        Self::new(Origin::Statement, place, [&said, &problem.text], [""; 10])
    }

    fn new(side: Origin, place: Place<'_>, problem: [&str; 2], values: [&str; 10]) -> Self {
        let mut record = StringRecord::with_capacity(256, place::COUNT);
        record.push_field(&place.ordinal.to_string());
        record.push_field(side.as_str());
        record.push_field(if place.judged { "1" } else { "" });
        record.push_field(place.statement.map_or("", StatementId::as_str));
        record.push_field(&place.line.to_string());
        problem.iter().chain(&values).for_each(|value| record.push_field(value));
        Self(record)
    }

    fn get(&self, place: usize) -> &str {
        self.0.get(place).unwrap_or_default()
    }

    /// Its side.
    pub fn side(&self) -> Origin {
        if self.get(place::SIDE) == Origin::Ledger.as_str() { Origin::Ledger } else { Origin::Statement }
    }

    /// Its number within its side.
    pub fn ordinal(&self) -> u32 {
        self.get(place::ORDINAL).parse().unwrap_or_default()
    }

    /// Whether it is judged, or only there as a counterpart.
    pub fn is_judged(&self) -> bool {
        self.get(place::JUDGED) == "1"
    }

    /// The statement it is from; empty for the ledger's.
    pub fn statement(&self) -> &str {
        self.get(place::STATEMENT)
    }

    /// Its line in the file it is from.
    pub fn line(&self) -> &str {
        self.get(place::LINE)
    }

    /// What is wrong with it, if it cannot be read.
    pub fn problem(&self) -> Option<&str> {
        Some(self.get(place::PROBLEM)).filter(|problem| !problem.is_empty())
    }

    /// The merchant's reference.
    pub fn reference(&self) -> &str {
        self.get(place::REFERENCE)
    }

    /// The currency's code.
    pub fn currency(&self) -> &str {
        self.get(place::CURRENCY)
    }

    /// It as the engine takes it, under its ordinal; nothing for a line that could not be read.
    pub fn row(&self) -> Option<Result<Row, RowProblem>> {
        if self.problem().is_some() {
            return None;
        }
        let row = match self.side() {
            Origin::Ledger => Row::of_ledger(&self.ledger_fields(), self.ordinal()),
            Origin::Statement => Row::of_statement(&self.statement_fields(), self.ordinal()),
        };
        Some(row)
    }

    fn ledger_fields(&self) -> LedgerFields<'_> {
        LedgerFields {
            transaction_id: self.get(place::TRANSACTION),
            reference: self.get(place::REFERENCE),
            provider_transaction_id: self.get(place::PROVIDER_TRANSACTION),
            payment_reference: self.get(place::GROUP),
            kind: self.get(place::KIND),
            direction: self.get(place::DIRECTION),
            amount: self.get(place::AMOUNT),
            currency: self.get(place::CURRENCY),
            occurred_at: self.get(place::AT),
            status: self.get(place::STATUS),
        }
    }

    fn statement_fields(&self) -> StatementFields<'_> {
        StatementFields {
            reference: self.get(place::REFERENCE),
            provider_transaction_id: self.get(place::PROVIDER_TRANSACTION),
            kind: self.get(place::KIND),
            direction: self.get(place::DIRECTION),
            amount: self.get(place::AMOUNT),
            currency: self.get(place::CURRENCY),
            booked_at: self.get(place::AT),
            settlement_id: self.get(place::GROUP),
            status: self.get(place::STATUS),
        }
    }

    /// What it says, in the order of the columns of its side's canonical file.
    pub fn columns(&self) -> Vec<&str> {
        match self.side() {
            _ if self.problem().is_some() => vec![self.get(place::TEXT)],
            Origin::Ledger => self.ledger_fields().columns().to_vec(),
            Origin::Statement => self.statement_fields().columns().to_vec(),
        }
    }

    /// It as an exception shows it.
    pub fn to_exception(&self) -> ExceptionRow {
        let own = |place: usize| self.get(place).to_owned();
        ExceptionRow {
            statement_id: StatementId::parse(self.statement()).ok(),
            line: self.line().parse().unwrap_or_default(),
            transaction_id: own(place::TRANSACTION),
            reference: own(place::REFERENCE),
            provider_transaction_id: own(place::PROVIDER_TRANSACTION),
            group_reference: own(place::GROUP),
            kind: own(place::KIND),
            direction: own(place::DIRECTION),
            amount: own(place::AMOUNT),
            currency: own(place::CURRENCY),
            at: own(place::AT),
            status: own(place::STATUS),
            text: own(place::TEXT),
        }
    }
}

/// A row with its outcome, and where its counterpart stands.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The row.
    pub row: WorkRow,
}

/// Values before those of the row.
const OUTCOME_VALUES: usize = 5;

impl OutcomeRow {
    /// The order of a report: the ledger's rows, then the statements'.
    pub fn key(&self) -> (Origin, u32) {
        (self.row.side(), self.row.ordinal())
    }

    /// Whether it is a row of another day that found no counterpart: no business of this run.
    pub fn is_outside(&self) -> bool {
        let alone = matches!(
            self.outcome,
            Outcome::MissingExternal
                | Outcome::MissingInternal
                | Outcome::PendingSettlement
                | Outcome::DuplicateInternal
                | Outcome::DuplicateExternal
        );
        alone && !self.row.is_judged()
    }

    fn to_record(&self) -> StringRecord {
        let mut record = StringRecord::with_capacity(320, OUTCOME_VALUES + place::COUNT);
        record.push_field(self.outcome.as_str());
        record.push_field(&self.counterpart.to_string());
        record.push_field(&self.counterpart_line);
        record.push_field(&self.counterpart_statement);
        record.push_field(&self.detail);
        self.row.0.iter().for_each(|value| record.push_field(value));
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
            row: WorkRow(record.iter().skip(OUTCOME_VALUES).collect()),
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
