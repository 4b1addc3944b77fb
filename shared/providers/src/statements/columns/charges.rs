//! What a line takes besides its amount, and whether that is what it says is left.

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::statement::{ChargeSign, SignConvention};
use rust_decimal::Decimal;

use super::super::ColumnProblem;
use super::ColumnMap;

/// The amount of a line, before its charges.
#[derive(Clone, Copy)]
pub struct Gross {
    pub direction: Side,
    pub amount: Decimal,
    /// Whether its sign tells the direction; else a column or a mark does.
    pub is_signed: bool,
}

/// The fee and the tax of a line: what is taken is positive, what is given back negative.
#[derive(Clone, Copy)]
pub struct Charges {
    pub fee: Decimal,
    pub tax: Decimal,
}

impl Charges {
    /// Whether nothing is taken and nothing given back.
    pub fn are_none(self) -> bool {
        self.fee.is_zero() && self.tax.is_zero()
    }

    fn sum(self) -> Decimal {
        self.fee.saturating_add(self.tax)
    }
}

impl ColumnMap {
    /// The charges of a line, as the map's convention of signs has them.
    pub fn charges(&self, record: &StringRecord, currency: &str) -> Result<Charges, ColumnProblem> {
        let fields = &self.map.fields;
        let charge = |place: Option<usize>, name: &Option<String>| {
            let text = self.optional(record, place);
            if text.is_empty() {
                return Ok(Decimal::ZERO);
            }
            let name = name.as_deref().unwrap_or("(charge)");
            let written = self.scaled(name, self.number(name, text)?, currency)?;
            Ok(match self.map.charges {
                ChargeSign::PositiveIsTaken => written,
                ChargeSign::NegativeIsTaken => -written,
            })
        };
        Ok(Charges { fee: charge(self.places.fee, &fields.fee)?, tax: charge(self.places.tax, &fields.tax)? })
    }

    /// Holds a line's amount and charges against its net amount, where it says one: gross less fee less tax.
    pub fn check_net(
        &self,
        record: &StringRecord,
        currency: &str,
        gross: Gross,
        charges: Charges,
    ) -> Result<(), ColumnProblem> {
        let text = self.optional(record, self.places.net);
        if text.is_empty() {
            return Ok(());
        }
        let name = self.map.fields.net.as_deref().unwrap_or("net");
        let stated = self.scaled(name, self.number(name, text)?, currency)?;
        let (direction, amount) = (gross.direction, gross.amount.abs());
        let signed = if direction == Side::Credit { amount } else { -amount };
        let left = |taken: Decimal| self.as_written(signed.saturating_sub(taken), gross.is_signed, stated);
        if left(charges.sum()) == stated {
            return Ok(());
        }
        let (fee, tax) = (charges.fee.normalize(), charges.tax.normalize());
        let expected = format!(
            "expected {}, as a {direction} of {} less a fee of {fee} and a tax of {tax}",
            left(charges.sum()).normalize(),
            amount.normalize(),
        );
        let other = match self.map.charges {
            ChargeSign::PositiveIsTaken => ChargeSign::NegativeIsTaken,
            ChargeSign::NegativeIsTaken => ChargeSign::PositiveIsTaken,
        };
        let hint = if left(-charges.sum()) == stated {
            format!("; it would hold with charges: {other}")
        } else {
            String::new()
        };
        Err(ColumnProblem::new(name, expected + &hint))
    }

    /// What comes in as a positive number, written as the file writes its net amounts. Where a column or a mark tells the
    /// direction, or it is the same throughout, they may be written with a sign or without.
    fn as_written(&self, signed: Decimal, is_signed: bool, stated: Decimal) -> Decimal {
        match (is_signed, self.map.sign) {
            (true, SignConvention::PositiveIsCredit) => signed,
            (true, SignConvention::PositiveIsDebit) => -signed,
            (false, _) | (true, SignConvention::AllCredit | SignConvention::AllDebit) => {
                if stated.is_sign_negative() { -signed.abs() } else { signed.abs() }
            }
        }
    }
}
