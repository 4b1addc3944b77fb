//! Where a map's columns stand in a header.

use csv::StringRecord;
use paywarden_domain::statement::FieldColumns;

use super::super::{StatementError, place};

/// Where the amount stands.
pub enum AmountPlaces {
    One(usize),
    /// In one of two columns.
    Sides {
        debit: usize,
        credit: usize,
    },
}

/// The places of the columns.
pub struct Places {
    pub reference: Option<usize>,
    pub provider_transaction_id: Option<usize>,
    pub settlement_id: Option<usize>,
    pub amount: AmountPlaces,
    pub fee: Option<usize>,
    pub tax: Option<usize>,
    pub net: Option<usize>,
    pub booked_at: usize,
    pub time: Option<usize>,
    pub currency: Option<usize>,
    pub direction: Option<usize>,
    pub kind: Option<usize>,
    pub status: Option<usize>,
}

impl Places {
    /// Finds the columns by their names; the error names one that is missing.
    pub fn find(fields: &FieldColumns, header: &StringRecord) -> Result<Self, StatementError> {
        let find = |name: &str| {
            let reason = || format!("read by the map of columns: the column {name} is missing");
            place(header, name).ok_or_else(|| StatementError::Unusable(reason()))
        };
        let optional = |name: &Option<String>| name.as_deref().map(find).transpose();
        let amount = match (optional(&fields.debit)?, optional(&fields.credit)?) {
            (Some(debit), Some(credit)) if fields.amount.is_empty() => AmountPlaces::Sides { debit, credit },
            _ => AmountPlaces::One(find(&fields.amount)?),
        };
        Ok(Self {
            amount,
            reference: optional(&fields.reference)?,
            provider_transaction_id: optional(&fields.provider_transaction_id)?,
            settlement_id: optional(&fields.settlement_id)?,
            fee: optional(&fields.fee)?,
            tax: optional(&fields.tax)?,
            net: optional(&fields.net)?,
            booked_at: find(&fields.booked_at)?,
            time: optional(&fields.time)?,
            currency: optional(&fields.currency)?,
            direction: optional(&fields.direction)?,
            kind: optional(&fields.kind)?,
            status: optional(&fields.status)?,
        })
    }
}
