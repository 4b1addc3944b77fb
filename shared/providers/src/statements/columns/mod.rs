//! Files of anybody's making, by a map of their columns.

mod amounts;
mod charges;
mod places;

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::money::Currency;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::statement::{Check, Columns, Footer, MinorUnits, SettledStatus, SignConvention};
use paywarden_domain::time::Timestamp;
use rust_decimal::Decimal;

use self::amounts::Written;
use self::charges::Gross;
use self::places::Places;
use super::{ColumnProblem, LineReader, StatementError, StatementRow, Told, cell, currency, number};

/// A file's columns by somebody's map, and what its rows have come to so far.
pub struct ColumnMap {
    map: Columns,
    places: Places,
    lines: u32,
    /// Of the amounts as they are written.
    total: Decimal,
    footer: Vec<Check>,
    /// Decimals of the first line's currency, where one exponent is for all.
    decimals: Option<u32>,
}

impl ColumnMap {
    /// Finds the map's columns in the header; the error names one that is missing.
    pub fn new(map: Columns, header: &StringRecord) -> Result<Self, StatementError> {
        let places = Places::find(&map.fields, header)?;
        Ok(Self { map, places, lines: 0, total: Decimal::ZERO, footer: Vec::new(), decimals: None })
    }

    /// A number as the file writes it: grouped and signed.
    fn number(&self, name: &str, text: &str) -> Result<Decimal, ColumnProblem> {
        number::read(text, self.map.decimal_sign).ok_or_else(|| {
            let sign = self.map.decimal_sign;
            ColumnProblem::new(
                name,
                format!("expected an amount with the decimal sign {sign} and groups of three digits"),
            )
        })
    }

    /// The amount that a number stands for in a currency: itself, or so many minor units.
    fn scaled(&self, name: &str, number: Decimal, currency: &str) -> Result<Decimal, ColumnProblem> {
        let Some(minor_units) = &self.map.exponent else {
            return Ok(number);
        };
        let problem = |expected: &str| ColumnProblem::new(name, expected);
        let currency =
            Currency::parse(currency).map_err(|_| problem("expected a currency that has minor units"))?;
        let digits = minor_units.of(currency);
        10_i64
            .checked_pow(digits)
            .and_then(|scale| number.checked_div(Decimal::from(scale)))
            .filter(|_| number.fract().is_zero())
            .ok_or_else(|| problem("expected a whole number of minor units"))
    }

    /// The line's currency. One exponent for a whole file is right for one kind of currencies only: the first line's.
    fn currency(&mut self, record: &StringRecord) -> Result<String, ColumnProblem> {
        let code = match (self.places.currency, self.map.currency) {
            (Some(place), _) => currency(record, place),
            (None, Some(currency)) => currency.to_string(),
            (None, None) => {
                return Err(ColumnProblem::new("currency", "the map names neither column nor currency"));
            }
        };
        if let (Some(MinorUnits::Fixed(_)), Ok(own)) = (&self.map.exponent, Currency::parse(&code)) {
            let decimals = *self.decimals.get_or_insert(own.exponent());
            if decimals != own.exponent() {
                let expected = format!(
                    "expected a currency of {decimals} decimals as before, for the map gives one exponent for all; give \
                     \"currency\" as exponent, or one for each currency"
                );
                return Err(ColumnProblem::new(self.amount_name(), expected));
            }
        }
        Ok(code)
    }

    /// What the amount's column is called, for whoever looks for a problem.
    fn amount_name(&self) -> &str {
        let fields = &self.map.fields;
        if fields.amount.is_empty() { fields.credit.as_deref().unwrap_or("(amount)") } else { &fields.amount }
    }

    fn optional<'a>(&self, record: &'a StringRecord, place: Option<usize>) -> &'a str {
        place.map_or("", |place| cell(record, place))
    }

    fn direction(&self, record: &StringRecord, written: Written) -> Result<Side, ColumnProblem> {
        if let Some(side) = written.side {
            return Ok(side);
        }
        if let Some(place) = self.places.direction {
            let text = cell(record, place);
            let known = self.map.values.direction.get(text).copied();
            return known.or_else(|| Side::parse(&text.to_ascii_lowercase()).ok()).ok_or_else(|| {
                let name = self.map.fields.direction.as_deref().unwrap_or("direction");
                ColumnProblem::new(name, "expected a word that the map knows as debit or credit")
            });
        }
        let negative = written.number.is_sign_negative() && !written.number.is_zero();
        Ok(match (self.map.sign, negative) {
            (SignConvention::AllCredit, _)
            | (SignConvention::PositiveIsCredit, false)
            | (SignConvention::PositiveIsDebit, true) => Side::Credit,
            (SignConvention::AllDebit, _)
            | (SignConvention::PositiveIsCredit, true)
            | (SignConvention::PositiveIsDebit, false) => Side::Debit,
        })
    }

    fn kind(&self, record: &StringRecord) -> Result<Kind, ColumnProblem> {
        let Some(place) = self.places.kind else {
            return Ok(Kind::Transfer);
        };
        let text = cell(record, place);
        let known = self.map.values.kind.get(text).copied();
        known.or_else(|| Kind::parse(text).ok()).ok_or_else(|| {
            let name = self.map.fields.kind.as_deref().unwrap_or("kind");
            ColumnProblem::new(name, "expected a word that the map knows as Transfer, Fee or Tax")
        })
    }

    fn status(&self, record: &StringRecord) -> Result<SettledStatus, ColumnProblem> {
        let Some(place) = self.places.status else {
            return Ok(SettledStatus::Settled);
        };
        let text = cell(record, place);
        let known = self.map.values.status.get(text).copied();
        known.or_else(|| SettledStatus::parse(text).ok()).ok_or_else(|| {
            let name = self.map.fields.status.as_deref().unwrap_or("status");
            ColumnProblem::new(name, "expected a word that the map knows as SETTLED or REVERSED")
        })
    }

    fn booked_at(&self, record: &StringRecord) -> Result<Timestamp, ColumnProblem> {
        let text = match self.places.time {
            Some(time) => &format!("{} {}", cell(record, self.places.booked_at), cell(record, time)),
            None => cell(record, self.places.booked_at),
        };
        let zone = &self.map.zone;
        let day = |text| zone.parse_formatted("%Y-%m-%d", text);
        let moment = match &self.map.time_format {
            Some(format) => zone.parse_formatted(format, text),
            None => Timestamp::parse(text).or_else(|_| zone.parse_clock_text(text)).or_else(|_| day(text)),
        };
        moment.map_err(|_| {
            let format =
                self.map.time_format.as_deref().unwrap_or("RFC 3339, YYYY-MM-DD HH:mm:ss or YYYY-MM-DD");
            ColumnProblem::new(&self.map.fields.booked_at, format!("expected a time as {format}"))
        })
    }

    fn is_footer(&self, record: &StringRecord) -> bool {
        self.map.footer.as_ref().is_some_and(|footer| cell(record, 0) == footer.marker)
    }

    /// What the closing line states, beside what was found.
    fn close(&mut self, footer: &Footer, record: &StringRecord) -> Result<(), ColumnProblem> {
        let text = |place: usize| cell(record, place.saturating_sub(1));
        if let Some(place) = footer.count_column {
            let (stated, found) = (text(place).to_owned(), self.lines.to_string());
            self.footer.push(Check { name: "lines".to_owned(), stated, found });
        }
        if let Some(place) = footer.total_column {
            let stated = self.number("(footer)", text(place))?.normalize().to_string();
            self.footer.push(Check {
                name: "total".to_owned(),
                stated,
                found: self.total.normalize().to_string(),
            });
        }
        Ok(())
    }
}

impl LineReader for ColumnMap {
    fn read(&mut self, record: &StringRecord) -> Result<Told, ColumnProblem> {
        if self.is_footer(record) {
            let footer = self.map.footer.clone();
            footer.map_or(Ok(()), |footer| self.close(&footer, record))?;
            return Ok(Told::Summary);
        }
        self.lines = self.lines.saturating_add(1);
        let written = self.written(record)?;
        self.total = self.total.saturating_add(written.number);
        let currency = self.currency(record)?;
        let gross = self.scaled(self.amount_name(), written.number, &currency)?;
        let (kind, status) = (self.kind(record)?, self.status(record)?);
        let direction = self.direction(record, written)?;
        let charges = self.charges(record, &currency)?;
        let is_signed = written.side.is_none() && self.places.direction.is_none();
        self.check_net(record, &currency, Gross { direction, amount: gross, is_signed }, charges)?;
        let booked_at = self.booked_at(record)?.to_string();
        let row = |kind, direction, amount: Decimal| StatementRow {
            reference: self.optional(record, self.places.reference).to_owned(),
            provider_transaction_id: self.optional(record, self.places.provider_transaction_id).to_owned(),
            kind,
            direction,
            amount: amount.abs().normalize().to_string(),
            currency: currency.clone(),
            booked_at: booked_at.clone(),
            settlement_id: self.optional(record, self.places.settlement_id).to_owned(),
            status: status.to_string(),
        };
        let mut rows = Vec::with_capacity(3);
        // A line that has a charge and no amount tells the charge.
        if !gross.is_zero() || charges.are_none() {
            rows.push(row(kind, direction, gross));
        }
        for (kind, taken) in [(Kind::Fee, charges.fee), (Kind::Tax, charges.tax)] {
            if !taken.is_zero() {
                let side = if taken.is_sign_negative() { Side::Credit } else { Side::Debit };
                rows.push(row(kind, side, taken));
            }
        }
        Ok(Told::Rows(rows))
    }

    /// A file whose closing line never came was cut.
    fn checks(&self) -> Vec<Check> {
        if self.map.footer.is_some() && self.footer.is_empty() {
            let stated = "a closing line".to_owned();
            return vec![Check { name: "footer".to_owned(), stated, found: "none".to_owned() }];
        }
        self.footer.clone()
    }
}
