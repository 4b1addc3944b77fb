//! Files of anybody's making, by a map of their columns.

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::money::parse_decimal;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::statement::{Check, Columns, Footer, SettledStatus, SignConvention};
use paywarden_domain::time::Timestamp;
use rust_decimal::Decimal;

use super::{ColumnProblem, LineReader, StatementError, StatementRow, cell, place};

/// A file's columns by somebody's map, and what its rows have come to so far.
pub struct ColumnMap {
    map: Columns,
    places: Places,
    lines: u32,
    total: Decimal,
    footer: Vec<Check>,
}

/// Where the columns stand.
struct Places {
    reference: Option<usize>,
    provider_transaction_id: Option<usize>,
    settlement_id: Option<usize>,
    amount: usize,
    fee: Option<usize>,
    tax: Option<usize>,
    booked_at: usize,
    currency: Option<usize>,
    direction: Option<usize>,
    kind: Option<usize>,
    status: Option<usize>,
}

impl ColumnMap {
    /// Finds the map's columns in the header; the error names one that is missing.
    pub fn new(map: Columns, header: &StringRecord) -> Result<Self, StatementError> {
        let find = |name: &str| {
            let lacking = || StatementError::Unusable(format!("the header has no column {name}"));
            place(header, name).ok_or_else(lacking)
        };
        let optional = |name: &Option<String>| name.as_deref().map(find).transpose();
        let fields = &map.fields;
        let places = Places {
            reference: optional(&fields.reference)?,
            provider_transaction_id: optional(&fields.provider_transaction_id)?,
            settlement_id: optional(&fields.settlement_id)?,
            amount: find(&fields.amount)?,
            fee: optional(&fields.fee)?,
            tax: optional(&fields.tax)?,
            booked_at: find(&fields.booked_at)?,
            currency: optional(&fields.currency)?,
            direction: optional(&fields.direction)?,
            kind: optional(&fields.kind)?,
            status: optional(&fields.status)?,
        };
        Ok(Self { map, places, lines: 0, total: Decimal::ZERO, footer: Vec::new() })
    }

    /// An amount as the file writes it: grouped, signed, in minor units, as the map says. An accountant's brackets are a
    /// minus.
    fn amount(&self, name: &str, text: &str) -> Result<Decimal, ColumnProblem> {
        let expected = || ColumnProblem::new(name, "expected an amount");
        let (text, bracketed) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(inner) => (inner, true),
            None => (text, false),
        };
        let mut plain = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                _ if character == self.map.decimal_sign => plain.push('.'),
                // What groups digits: the other of point and comma, an apostrophe, any space.
                '.' | ',' | '\'' | ' ' | '\u{a0}' | '\u{202f}' => {}
                '\u{2212}' => plain.push('-'),
                _ => plain.push(character),
            }
        }
        let amount = parse_decimal(&plain).map_err(|_| expected())?;
        let amount = match self.map.exponent {
            Some(exponent) => amount
                .checked_div(Decimal::from(10_i64.pow(exponent.min(12))))
                .filter(|_| amount.fract().is_zero())
                .ok_or_else(|| ColumnProblem::new(name, "expected a whole number of minor units"))?,
            None => amount,
        };
        Ok(if bracketed { -amount } else { amount })
    }

    fn optional<'a>(&self, record: &'a StringRecord, place: Option<usize>) -> &'a str {
        place.map_or("", |place| cell(record, place))
    }

    fn direction(&self, record: &StringRecord, signed: Decimal) -> Result<Side, ColumnProblem> {
        if let Some(place) = self.places.direction {
            let text = cell(record, place);
            let known = self.map.values.direction.get(text).copied();
            return known.or_else(|| Side::parse(&text.to_ascii_lowercase()).ok()).ok_or_else(|| {
                let name = self.map.fields.direction.as_deref().unwrap_or("direction");
                ColumnProblem::new(name, "expected a word that the map knows as debit or credit")
            });
        }
        let negative = signed.is_sign_negative() && !signed.is_zero();
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
        let text = cell(record, self.places.booked_at);
        let zone = &self.map.zone;
        let moment = match &self.map.time_format {
            Some(format) => zone.parse_formatted(format, text),
            None => Timestamp::parse(text).or_else(|_| zone.parse_clock_text(text)),
        };
        moment.map_err(|_| {
            let format = self.map.time_format.as_deref().unwrap_or("RFC 3339 or YYYY-MM-DD HH:mm:ss");
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
            let stated = self.amount("(footer)", text(place))?.normalize().to_string();
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
    fn rows(&mut self, record: &StringRecord) -> Result<Vec<StatementRow>, ColumnProblem> {
        if self.is_footer(record) {
            let footer = self.map.footer.clone();
            footer.map_or(Ok(()), |footer| self.close(&footer, record))?;
            return Ok(Vec::new());
        }
        self.lines = self.lines.saturating_add(1);
        let signed = self.amount(&self.map.fields.amount, cell(record, self.places.amount))?;
        self.total = self.total.saturating_add(signed);
        let (kind, status) = (self.kind(record)?, self.status(record)?);
        let direction = self.direction(record, signed)?;
        let currency = match (self.places.currency, self.map.currency) {
            (Some(place), _) => cell(record, place).to_owned(),
            (None, Some(currency)) => currency.to_string(),
            (None, None) => {
                return Err(ColumnProblem::new("currency", "the map names neither column nor currency"));
            }
        };
        let row = |kind, direction, amount: Decimal, booked_at: Timestamp| StatementRow {
            reference: self.optional(record, self.places.reference).to_owned(),
            provider_transaction_id: self.optional(record, self.places.provider_transaction_id).to_owned(),
            kind,
            direction,
            amount: amount.abs().normalize().to_string(),
            currency: currency.clone(),
            booked_at: booked_at.to_string(),
            settlement_id: self.optional(record, self.places.settlement_id).to_owned(),
            status: status.to_string(),
        };
        let booked_at = self.booked_at(record)?;
        let mut rows = vec![row(kind, direction, signed, booked_at)];
        let charges = [
            (Kind::Fee, self.places.fee, &self.map.fields.fee),
            (Kind::Tax, self.places.tax, &self.map.fields.tax),
        ];
        for (kind, place, name) in charges {
            let text = self.optional(record, place);
            if text.is_empty() {
                continue;
            }
            let charge = self.amount(name.as_deref().unwrap_or("(charge)"), text)?;
            if !charge.is_zero() {
                rows.push(row(kind, Side::Debit, charge, booked_at));
            }
        }
        Ok(rows)
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
