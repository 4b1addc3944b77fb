//! The rows of a run: both sides in one form, as the steps hand them to each other in working files.

use csv::StringRecord;
use paywarden_domain::id::StatementId;
use paywarden_domain::ledger::{LedgerRow, Movement};
use paywarden_domain::reconciliation::exception::ExceptionRow;
use paywarden_domain::reconciliation::{BookSide, Row, RowFields, Rules};
use paywarden_domain::statement::LineProblem;
use paywarden_domain::time::Day;
use paywarden_domain::vocabulary::Method;

/// Where the values of a row stand: what is known of it, what it says, and what is compared instead of what it says.
mod place {
    use paywarden_domain::reconciliation::fields;

    pub const ORDINAL: usize = 0;
    pub const SIDE: usize = 1;
    pub const JUDGED: usize = 2;
    pub const STATEMENT: usize = 3;
    pub const LINE: usize = 4;
    pub const PROBLEM: usize = 5;
    pub const TEXT: usize = 6;
    pub const FIELDS: usize = 7;
    pub const COMPARED_ID: usize = FIELDS + fields::COUNT;
    pub const DAY: usize = COMPARED_ID + 1;
    pub const METHOD: usize = DAY + 1;
}

/// Values of a row.
pub(crate) const VALUES: usize = place::METHOD + 1;

/// A row of either side, as the steps hand it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkRow(pub(crate) StringRecord);

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
    /// The merchant's business day, if the time can be read.
    pub day: Option<Day>,
}

impl WorkRow {
    /// A movement of the ledger. The provider's id is shown as the payment is known by it, and compared as these rules say
    /// that statements have it.
    pub fn of_ledger(place: Place<'_>, row: &LedgerRow, movement: &Movement, rules: &Rules) -> Self {
        let values = row.reconciliation_values(movement);
        let fields = RowFields::of_texts(values.each_ref().map(String::as_str));
        let compared = rules.compared_id(row.id_on_statements());
        Self::new(BookSide::Ledger, place, ["", ""], fields, (compared, Some(row.method)))
    }

    /// A statement's row. Under these rules its provider's id is compared; it is shown as it is.
    pub fn of_statement(place: Place<'_>, fields: RowFields<&str>, rules: &Rules) -> Self {
        let compared = rules.compared_id(fields.provider_transaction_id);
        Self::new(BookSide::Statement, place, ["", ""], fields, (compared, None))
    }

    /// A statement's line that cannot be read.
    pub fn unreadable(place: Place<'_>, problem: &LineProblem) -> Self {
        let said = format!("{}: {}", problem.column, problem.expected);
        Self::new(BookSide::Statement, place, [&said, &problem.text], RowFields::default(), ("", None))
    }

    fn new(
        side: BookSide,
        place: Place<'_>,
        problem: [&str; 2],
        fields: RowFields<&str>,
        (compared_id, method): (&str, Option<Method>),
    ) -> Self {
        let mut record = StringRecord::with_capacity(256, VALUES);
        record.push_field(&place.ordinal.to_string());
        record.push_field(side.as_str());
        record.push_field(if place.judged { "1" } else { "" });
        record.push_field(place.statement.map_or("", StatementId::as_str));
        record.push_field(&place.line.to_string());
        problem.iter().chain(&fields.into_texts()).for_each(|value| record.push_field(value));
        record.push_field(compared_id);
        record.push_field(&place.day.map(|day| day.to_string()).unwrap_or_default());
        record.push_field(method.map_or("", Method::as_str));
        Self(record)
    }

    fn get(&self, place: usize) -> &str {
        self.0.get(place).unwrap_or_default()
    }

    /// Its side.
    pub fn side(&self) -> BookSide {
        if self.get(place::SIDE) == BookSide::Ledger.as_str() {
            BookSide::Ledger
        } else {
            BookSide::Statement
        }
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

    /// The merchant's business day that it is of. Unknown of a row that a version before this wrote.
    pub fn day(&self) -> Option<Day> {
        Day::parse(self.get(place::DAY)).ok()
    }

    /// How the payment is paid, of a ledger's row.
    pub fn method(&self) -> Option<Method> {
        Method::parse(self.get(place::METHOD)).ok()
    }

    /// What it says.
    pub fn fields(&self) -> RowFields<&str> {
        RowFields::of_texts(std::array::from_fn(|index| self.get(place::FIELDS.saturating_add(index))))
    }

    /// What it says, as the engine compares it.
    fn compared(&self) -> RowFields<&str> {
        RowFields { provider_transaction_id: self.get(place::COMPARED_ID), ..self.fields() }
    }

    /// Everything it says, places aside, as [`ExceptionRow::content`].
    pub fn content(&self) -> impl Iterator<Item = &str> {
        self.fields().into_texts().into_iter().chain([self.get(place::TEXT)])
    }

    /// What it says, in the order of the columns of its side's canonical file; the whole line where that cannot be read.
    pub fn columns(&self) -> Vec<&str> {
        match self.problem() {
            Some(_) => vec![self.get(place::TEXT)],
            None => self.side().to_line(self.fields()).collect(),
        }
    }

    fn problem(&self) -> Option<&str> {
        Some(self.get(place::PROBLEM)).filter(|problem| !problem.is_empty())
    }

    /// It as an exception shows it.
    pub fn to_exception(&self) -> ExceptionRow {
        ExceptionRow {
            statement_id: StatementId::parse(self.statement()).ok(),
            line: self.line().parse().unwrap_or_default(),
            fields: self.fields().map(str::to_owned),
            text: self.get(place::TEXT).to_owned(),
            method: self.method(),
        }
    }
}

/// A row as a step has it: what it says, and what the engine reads in it, which each step asks once.
#[derive(Debug, Clone)]
pub struct ReadRow {
    pub work: WorkRow,
    /// It as the engine takes it, under its ordinal; or what is wrong with it.
    pub row: Result<Row, String>,
}

impl From<WorkRow> for ReadRow {
    fn from(work: WorkRow) -> Self {
        let row = match work.problem() {
            Some(problem) => Err(problem.to_owned()),
            None => Row::read(work.side(), &work.compared(), work.ordinal())
                .map_err(|problem| problem.to_string()),
        };
        Self { work, row }
    }
}

impl ReadRow {
    /// Its number within its side.
    pub fn ordinal(&self) -> u32 {
        self.work.ordinal()
    }
}
