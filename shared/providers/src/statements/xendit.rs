//! Xendit's balance report: a line per movement of the balance, with the balance behind it.
//!
//! `Line Type` is TRANSACTION, FEE or VAT, or one of them with `_REVERSAL`; `Debit or Credit` the direction; `Reference` the
//! merchant's own; `Created Date ISO` is UTC; amounts have the decimals of ISO 4217.
//! Source: <https://docs.xendit.co/docs/balance-report>.
//!
//! The balance is what makes a cut file visible: each line's has to follow from that of its neighbour.

use std::collections::BTreeMap;

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::money::parse_decimal;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::statement::{Check, SettledStatus};
use rust_decimal::Decimal;

use super::{ColumnProblem, LineReader, StatementRow, Told, cell, currency, place, required};

const LINE_TYPE: &str = "Line Type";
const DIRECTION: &str = "Debit or Credit";
const AMOUNT: &str = "Amount";

/// Where the columns of a balance report stand.
pub struct Xendit {
    product_id: Option<usize>,
    line_type: usize,
    reference: usize,
    currency: usize,
    amount: usize,
    balance: Option<usize>,
    direction: usize,
    created: usize,
    balances: BTreeMap<String, Balances>,
}

/// The balances of one currency.
struct Balances {
    /// The first line's balance, and what moved it.
    first: (Decimal, Decimal),
    last: (Decimal, Decimal),
    moved: Decimal,
}

impl Xendit {
    /// Finds the columns by their names; the error names one that is missing.
    pub fn open(header: &StringRecord) -> Result<Box<dyn LineReader>, String> {
        Ok(Box::new(Self {
            product_id: place(header, "Product ID"),
            line_type: required(header, LINE_TYPE)?,
            reference: required(header, "Reference")?,
            currency: required(header, "Currency")?,
            amount: required(header, AMOUNT)?,
            balance: place(header, "Balance"),
            direction: required(header, DIRECTION)?,
            created: required(header, "Created Date ISO")?,
            balances: BTreeMap::new(),
        }))
    }

    fn follow(&mut self, record: &StringRecord, currency: &str, signed: Decimal) {
        let text = self.balance.map(|place| cell(record, place)).filter(|text| !text.is_empty());
        let Some(balance) = text.and_then(|text| parse_decimal(text).ok()) else {
            return;
        };
        let now = (balance, signed);
        match self.balances.get_mut(currency) {
            Some(balances) => {
                balances.last = now;
                balances.moved = balances.moved.saturating_add(signed);
            }
            None => {
                let balances = Balances { first: now, last: now, moved: signed };
                self.balances.insert(currency.to_owned(), balances);
            }
        }
    }
}

impl LineReader for Xendit {
    fn read(&mut self, record: &StringRecord) -> Result<Told, ColumnProblem> {
        let (kind, status) = line_type(cell(record, self.line_type))?;
        let direction = match cell(record, self.direction) {
            "DEBIT" => Side::Debit,
            "CREDIT" => Side::Credit,
            _ => return Err(ColumnProblem::new(DIRECTION, "expected one of DEBIT, CREDIT")),
        };
        let expected = || ColumnProblem::new(AMOUNT, "expected an amount");
        // A debit may come with a sign; the column beside it says the same.
        let amount = parse_decimal(cell(record, self.amount)).map_err(|_| expected())?.abs().normalize();
        let currency = currency(record, self.currency);
        self.follow(record, &currency, if direction == Side::Credit { amount } else { -amount });
        let row = StatementRow {
            reference: cell(record, self.reference).to_owned(),
            provider_transaction_id: self.product_id.map_or("", |place| cell(record, place)).to_owned(),
            kind,
            direction,
            amount: amount.to_string(),
            currency,
            booked_at: cell(record, self.created).to_owned(),
            settlement_id: String::new(),
            status: status.to_string(),
        };
        Ok(Told::Rows(vec![row]))
    }

    /// The newest line may be the first or the last: opening and entries have to make the closing balance one way.
    fn checks(&self) -> Vec<Check> {
        let check = |(currency, own): (&String, &Balances)| {
            let closing = |(from, by): (Decimal, Decimal)| from.saturating_sub(by).saturating_add(own.moved);
            let (rising, falling) = (closing(own.first), closing(own.last));
            let (stated, found) =
                if falling == own.first.0 { (own.first.0, falling) } else { (own.last.0, rising) };
            Check {
                name: format!("closing balance in {currency}"),
                stated: stated.normalize().to_string(),
                found: found.normalize().to_string(),
            }
        };
        self.balances.iter().map(check).collect()
    }
}

fn line_type(text: &str) -> Result<(Kind, SettledStatus), ColumnProblem> {
    let (word, status) = match text.strip_suffix("_REVERSAL") {
        Some(word) => (word, SettledStatus::Reversed),
        None => (text, SettledStatus::Settled),
    };
    let kind = match word {
        "TRANSACTION" => Kind::Transfer,
        "FEE" => Kind::Fee,
        "VAT" => Kind::Tax,
        _ => {
            let expected = "expected one of TRANSACTION, FEE, VAT, or one of them with _REVERSAL";
            return Err(ColumnProblem::new(LINE_TYPE, expected));
        }
    };
    Ok((kind, status))
}
