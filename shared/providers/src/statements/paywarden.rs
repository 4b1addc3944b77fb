//! Our own format: one row per movement.
//!
//! Columns, by name: `reference, provider_transaction_id, kind, direction, amount, currency, booked_at, settlement_id,
//! status`.

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::reconciliation::StatementFields;
use paywarden_domain::reconciliation::row::Kind;

use super::{ColumnProblem, LineReader, StatementRow, cell, required};

pub struct Paywarden([usize; 9]);

impl Paywarden {
    pub fn open(header: &StringRecord) -> Result<Box<dyn LineReader>, String> {
        let mut places = [0; 9];
        for (place, name) in places.iter_mut().zip(StatementFields::COLUMNS) {
            *place = required(header, name)?;
        }
        Ok(Box::new(Self(places)))
    }
}

impl LineReader for Paywarden {
    fn rows(&mut self, record: &StringRecord) -> Result<Vec<StatementRow>, ColumnProblem> {
        let [reference, id, kind, direction, amount, currency, booked_at, settlement_id, status] =
            self.0.map(|place| cell(record, place));
        let row = StatementRow {
            reference: reference.to_owned(),
            provider_transaction_id: id.to_owned(),
            kind: Kind::parse(kind).map_err(|error| ColumnProblem::new("kind", error.to_string()))?,
            direction: Side::parse(direction)
                .map_err(|error| ColumnProblem::new("direction", error.to_string()))?,
            amount: amount.to_owned(),
            currency: currency.to_owned(),
            booked_at: booked_at.to_owned(),
            settlement_id: settlement_id.to_owned(),
            status: status.to_owned(),
        };
        Ok(vec![row])
    }
}
