//! The amount of a line: in one column with its sign or a mark behind it, or in one column for each side.

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use rust_decimal::Decimal;

use super::super::{ColumnProblem, cell};
use super::ColumnMap;
use super::places::AmountPlaces;

/// An amount as a line writes it.
#[derive(Clone, Copy)]
pub struct Written {
    /// The number, without a scale.
    pub number: Decimal,
    /// The side that its column or the mark behind it tells.
    pub side: Option<Side>,
}

impl ColumnMap {
    /// The amount as it is written. One that is left out is none where the line has a charge.
    pub fn written(&self, record: &StringRecord) -> Result<Written, ColumnProblem> {
        match self.places.amount {
            AmountPlaces::One(place) => self.in_one_column(record, cell(record, place)),
            AmountPlaces::Sides { debit, credit } => {
                self.in_two_columns(record, cell(record, debit), cell(record, credit))
            }
        }
    }

    fn in_one_column(&self, record: &StringRecord, text: &str) -> Result<Written, ColumnProblem> {
        let name = &self.map.fields.amount;
        if text.is_empty() && self.has_charges(record) {
            return Ok(Written { number: Decimal::ZERO, side: None });
        }
        let (text, side) = self.without_mark(text);
        Ok(Written { number: self.number(name, text)?, side })
    }

    /// A bank's way: what went out in one column and what came in in another. What is negative goes to the other side.
    fn in_two_columns(
        &self,
        record: &StringRecord,
        debit: &str,
        credit: &str,
    ) -> Result<Written, ColumnProblem> {
        let fields = &self.map.fields;
        let read = |name: &Option<String>, text: &str| match text {
            "" => Ok(Decimal::ZERO),
            text => self.number(name.as_deref().unwrap_or("(amount)"), text),
        };
        let (out, into) = (read(&fields.debit, debit)?, read(&fields.credit, credit)?);
        let says_nothing = debit.is_empty() && credit.is_empty() && !self.has_charges(record);
        if says_nothing || (!out.is_zero() && !into.is_zero()) {
            let name = fields.credit.as_deref().unwrap_or("(amount)");
            return Err(ColumnProblem::new(name, "expected an amount here or in the column of debits"));
        }
        let number = into.saturating_sub(out);
        let side = if number.is_sign_negative() { Side::Debit } else { Side::Credit };
        Ok(Written { number, side: Some(side) })
    }

    fn has_charges(&self, record: &StringRecord) -> bool {
        [self.places.fee, self.places.tax].iter().any(|place| !self.optional(record, *place).is_empty())
    }

    /// A number without the word behind it that the map knows as a side, as in `1,250,000.00 CR`.
    fn without_mark<'a>(&self, text: &'a str) -> (&'a str, Option<Side>) {
        let number = text.trim_end_matches(char::is_alphabetic);
        let mark = text.strip_prefix(number).unwrap_or_default();
        match self.map.values.direction.get(mark) {
            Some(side) if self.places.direction.is_none() => (number.trim_end(), Some(*side)),
            _ => (text, None),
        }
    }
}
