//! Our own format: one row per movement.
//!
//! Columns, by name: `reference, provider_transaction_id, kind, direction, amount, currency, booked_at, settlement_id,
//! status`. A text that was made harmless for spreadsheets is read as what it was.

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::reconciliation::BookSide;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::spreadsheet::original;

use super::{ColumnProblem, LineReader, StatementRow, Told, cell, required};

/// Where the canonical columns stand in a file.
pub struct Paywarden(Vec<usize>);

impl Paywarden {
    /// Finds the columns by their names; the error names one that is missing.
    pub fn open(header: &StringRecord) -> Result<Box<dyn LineReader>, String> {
        let places = BookSide::Statement.header().map(|name| required(header, name));
        Ok(Box::new(Self(places.collect::<Result<_, _>>()?)))
    }
}

impl LineReader for Paywarden {
    fn read(&mut self, record: &StringRecord) -> Result<Told, ColumnProblem> {
        let text = |column: usize| self.0.get(column).map_or("", |place| original(cell(record, *place)));
        let fields = BookSide::Statement.of_line(text);
        let row = StatementRow {
            reference: fields.reference.to_owned(),
            provider_transaction_id: fields.provider_transaction_id.to_owned(),
            kind: Kind::parse(fields.kind).map_err(|error| ColumnProblem::new("kind", error.to_string()))?,
            direction: Side::parse(fields.direction)
                .map_err(|error| ColumnProblem::new("direction", error.to_string()))?,
            amount: fields.amount.to_owned(),
            currency: fields.currency.to_ascii_uppercase(),
            booked_at: fields.at.to_owned(),
            settlement_id: fields.group_reference.to_owned(),
            status: fields.status.to_owned(),
        };
        Ok(Told::Rows(vec![row]))
    }
}
