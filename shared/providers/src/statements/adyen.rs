//! Adyen's settlement details report: a line per payment with its fees beside it.
//!
//! Columns are found by name; a report has only those that its account chose. The amount is `Gross Debit (GC)` or
//! `Gross Credit (GC)`; the fee is commission, markup, scheme fees and interchange together, in the net currency:
//! positive when it is taken, negative when it is given back. `Type` says what moved; a payout and costs that belong to
//! no payment have net amounts only. Where gross and net are of one currency, gross less fees has to be net.
//! `Batch Number` is the settlement.
//! Source: <https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/settlement-details-report>.

use csv::StringRecord;
use paywarden_domain::ledger::Side;
use paywarden_domain::money::parse_decimal;
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::statement::{Check, SettledStatus};
use paywarden_domain::time::{Timestamp, Zone};
use rust_decimal::Decimal;

use super::{ColumnProblem, LineReader, StatementRow, Told, cell, currency, place, required};

/// What the provider takes, column by column. Without one of the first [`USUAL_FEES`], the fees
/// of a report are not whole.
const FEES: [&str; 6] = [
    "Commission (NC)",
    "Markup (NC)",
    "Scheme Fees (NC)",
    "Interchange (NC)",
    "Payment Fees (NC)",
    "DCC Markup (NC)",
];

const USUAL_FEES: usize = 4;

/// The abbreviations of the zones that reports are made in. Summer and winter are told apart, so each is a fixed offset.
const ZONES: [(&str, &str); 16] = [
    ("UTC", "+00:00"),
    ("GMT", "+00:00"),
    ("WET", "+00:00"),
    ("BST", "+01:00"),
    ("WEST", "+01:00"),
    ("CET", "+01:00"),
    ("CEST", "+02:00"),
    ("SAST", "+02:00"),
    ("WIB", "+07:00"),
    ("SGT", "+08:00"),
    ("EST", "-05:00"),
    ("EDT", "-04:00"),
    ("PST", "-08:00"),
    ("PDT", "-07:00"),
    ("AEST", "+10:00"),
    ("AEDT", "+11:00"),
];

/// Where the columns of settlement details stand.
pub struct Adyen {
    psp_reference: usize,
    merchant_reference: usize,
    line_type: usize,
    created: usize,
    zone: Option<usize>,
    gross: Sides,
    net: Sides,
    fees: Vec<(&'static str, usize)>,
    batch: Option<usize>,
    /// Lines of one currency, and those of them whose net is gross less fees.
    held: (u32, u32),
}

/// The columns of an amount.
struct Sides {
    currency: usize,
    debit: (&'static str, usize),
    credit: (&'static str, usize),
}

impl Adyen {
    /// Finds the columns by their names; the error names one that is missing.
    pub fn open(header: &StringRecord) -> Result<Box<dyn LineReader>, String> {
        let sides = |currency, debit, credit| {
            Ok::<_, String>(Sides {
                currency: required(header, currency)?,
                debit: (debit, required(header, debit)?),
                credit: (credit, required(header, credit)?),
            })
        };
        Ok(Box::new(Self {
            psp_reference: required(header, "Psp Reference")?,
            merchant_reference: required(header, "Merchant Reference")?,
            line_type: required(header, "Type")?,
            created: required(header, "Creation Date")?,
            zone: place(header, "TimeZone"),
            gross: sides("Gross Currency", "Gross Debit (GC)", "Gross Credit (GC)")?,
            net: sides("Net Currency", "Net Debit (NC)", "Net Credit (NC)")?,
            fees: FEES.into_iter().filter_map(|name| Some((name, place(header, name)?))).collect(),
            batch: place(header, "Batch Number"),
            held: (0, 0),
        }))
    }

    fn row(
        &self,
        record: &StringRecord,
        kind: Kind,
        status: SettledStatus,
        (signed, currency): (Decimal, String),
    ) -> Result<StatementRow, ColumnProblem> {
        Ok(StatementRow {
            reference: cell(record, self.merchant_reference).to_owned(),
            provider_transaction_id: cell(record, self.psp_reference).to_owned(),
            kind,
            direction: if signed.is_sign_negative() { Side::Debit } else { Side::Credit },
            amount: signed.abs().normalize().to_string(),
            currency,
            booked_at: self.booked_at(record)?.to_string(),
            settlement_id: self.batch.map_or("", |place| cell(record, place)).to_owned(),
            status: status.to_string(),
        })
    }

    fn booked_at(&self, record: &StringRecord) -> Result<Timestamp, ColumnProblem> {
        let zone = self.zone.map_or("UTC", |place| cell(record, place));
        let created = cell(record, self.created);
        let offset = ZONES.iter().find(|(name, _)| *name == zone).map(|(_, offset)| offset);
        let moment = match (offset, Zone::parse(zone)) {
            (Some(offset), _) => {
                Zone::UTC.parse_formatted("%Y-%m-%d %H:%M:%S%:z", &format!("{created}{offset}"))
            }
            (None, Ok(zone)) => zone.parse_clock_text(created),
            (None, Err(_)) => return Err(ColumnProblem::new("TimeZone", "expected a time zone")),
        };
        moment.map_err(|_| ColumnProblem::new("Creation Date", "expected a time as YYYY-MM-DD HH:mm:ss"))
    }
}

impl Sides {
    /// What came in, negative for what went out, with its currency.
    fn signed(&self, record: &StringRecord) -> Result<(Decimal, String), ColumnProblem> {
        let signed = amount(record, self.credit)?.saturating_sub(amount(record, self.debit)?);
        Ok((signed, currency(record, self.currency)))
    }

    /// The name of the column that such an amount stands in.
    fn column_of(&self, signed: Decimal) -> &'static str {
        if signed.is_sign_negative() { self.debit.0 } else { self.credit.0 }
    }
}

impl Adyen {
    fn fee(&self, record: &StringRecord) -> Result<Decimal, ColumnProblem> {
        let fees = self.fees.iter().map(|column| amount(record, *column));
        let sum = fees.reduce(|sum, fee| Ok(sum?.saturating_add(fee?))).transpose()?;
        Ok(sum.unwrap_or_default())
    }

    fn has_usual_fees(&self) -> bool {
        let has = |name: &&str| self.fees.iter().any(|(own, _)| own == name);
        FEES.iter().take(USUAL_FEES).all(has)
    }

    /// What a line moves besides its fees. One without a gross amount moves what its net amount has besides them.
    fn moved(&mut self, record: &StringRecord, fee: Decimal) -> Result<(Decimal, String), ColumnProblem> {
        let (gross, gross_currency) = self.gross.signed(record)?;
        let (net, net_currency) = self.net.signed(record)?;
        if gross.is_zero() {
            return Ok((net.saturating_add(fee), net_currency));
        }
        let left = gross.saturating_sub(fee);
        if gross_currency == net_currency {
            self.held = (self.held.0.saturating_add(1), self.held.1.saturating_add(u32::from(left == net)));
            if left != net && self.has_usual_fees() {
                let (gross, fee) = (gross.normalize(), fee.normalize());
                let expected = format!("expected {}, as {gross} less fees of {fee}", left.abs().normalize());
                return Err(ColumnProblem::new(self.net.column_of(left), expected));
            }
        }
        Ok((gross, gross_currency))
    }
}

impl LineReader for Adyen {
    fn read(&mut self, record: &StringRecord) -> Result<Told, ColumnProblem> {
        let Some((kind, status)) = meaning(cell(record, self.line_type)) else {
            return Err(ColumnProblem::new("Type", "expected a type of line that Adyen documents"));
        };
        let fee = self.fee(record)?;
        let moved = self.moved(record, fee)?;
        let mut rows = Vec::with_capacity(2);
        if !moved.0.is_zero() {
            rows.push(self.row(record, kind, status, moved)?);
        }
        if !fee.is_zero() {
            // What is taken is written as a positive number.
            let taken = (-fee, currency(record, self.net.currency));
            rows.push(self.row(record, Kind::Fee, status, taken)?);
        }
        Ok(Told::Rows(rows))
    }

    /// A report that an account made without some column of fees is read as it is, but does not add up line by line.
    fn checks(&self) -> Vec<Check> {
        let (lines, held) = self.held;
        if self.has_usual_fees() || lines == 0 {
            return Vec::new();
        }
        let name = "lines whose net is gross less fees".to_owned();
        vec![Check { name, stated: lines.to_string(), found: held.to_string() }]
    }
}

/// What a type of line moves.
fn meaning(line_type: &str) -> Option<(Kind, SettledStatus)> {
    match line_type {
        "Settled"
        | "SettledInstallment"
        | "ChargebackReversed"
        | "RefundedReversed"
        | "MerchantPayout"
        | "MerchantPayin"
        | "Balancetransfer"
        | "BalanceTransfer"
        | "PaidOut"
        | "DepositCorrection"
        | "ReserveAdjustment"
        | "AdvancementCommissioned" => Some((Kind::Transfer, SettledStatus::Settled)),
        "Refunded" | "Chargeback" | "SecondChargeback" | "PaidOutReversed" => {
            Some((Kind::Transfer, SettledStatus::Reversed))
        }
        "Fee" | "MiscCosts" | "InvoiceDeduction" | "PaymentCost" => Some((Kind::Fee, SettledStatus::Settled)),
        _ => None,
    }
}

fn amount(record: &StringRecord, (name, place): (&str, usize)) -> Result<Decimal, ColumnProblem> {
    match cell(record, place) {
        "" => Ok(Decimal::ZERO),
        text => parse_decimal(text).map_err(|_| ColumnProblem::new(name, "expected an amount or nothing")),
    }
}
