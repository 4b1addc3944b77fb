//! One row of either side in a fixed-width form: 56 bytes, so that ten million of them fit a laptop. Texts become
//! hashes; whoever writes the outcome reads the files once more.

use std::hash::Hasher;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::ledger::Side;
use crate::money::{Currency, parse_decimal};
use crate::time::Timestamp;
use crate::vocabulary::words;

words! {
    /// What a movement stands for.
    pub enum Kind {
        /// The amount itself.
        Transfer = "Transfer",
        /// The provider's fee.
        Fee = "Fee",
        /// The tax on the fee.
        Tax = "Tax",
    }
}

/// What a status means, in one vocabulary for both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The money is where it should be: PAID, COMPLETED, SETTLED.
    Settled,
    /// It went back.
    Reversed,
    /// Anything else.
    Other,
}

/// A row. Two rows that are equal in everything but the line have the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Hash of the reference; zero when it has none.
    pub reference: [u64; 2],
    /// Hash of the provider's own id; zero when it has none.
    pub provider_id: u64,
    /// Hash of the payment reference (ledger) or of the settlement's id (statement); zero when it has none.
    pub group: u64,
    /// The amount in minor units of its currency, never negative.
    pub minor: i64,
    /// Minutes since 1970.
    pub minute: i32,
    /// The line it stands on; 1 is the header.
    pub line: u32,
    /// Tells rows apart that share everything else: of the ledger's transaction id.
    pub identity: u32,
    /// Three letters, packed.
    pub currency: u16,
    tags: Tags,
}

/// Kind, side and standing in one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tags(u8);

impl Tags {
    const fn new(kind: Kind, side: Side, standing: Standing) -> Self {
        Self((kind as u8) << 4 | (standing as u8) << 1 | side as u8)
    }
}

/// Everything of a row but the line, in the order by which rows of one group are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    reference: [u64; 2],
    tags: Tags,
    currency: u16,
    minor: i64,
    provider_id: u64,
    group: u64,
    minute: i32,
    identity: u32,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {expected}")]
pub struct RowProblem {
    /// The column.
    pub column: &'static str,
    /// What was expected.
    pub expected: &'static str,
}

/// The texts of a ledger row, as its file has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerFields<'a> {
    /// The transaction.
    pub transaction_id: &'a str,
    /// The merchant's reference.
    pub reference: &'a str,
    /// The provider's own id, if known.
    pub provider_transaction_id: &'a str,
    /// What bank statements show, if known.
    pub payment_reference: &'a str,
    /// Transfer, Fee or Tax.
    pub kind: &'a str,
    /// debit or credit.
    pub direction: &'a str,
    /// The amount.
    pub amount: &'a str,
    /// ISO 4217.
    pub currency: &'a str,
    /// RFC 3339.
    pub occurred_at: &'a str,
    /// The transaction's status.
    pub status: &'a str,
}

/// The texts of a canonical statement row, as its file has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatementFields<'a> {
    /// The merchant's reference, if the provider has it.
    pub reference: &'a str,
    /// The provider's own id.
    pub provider_transaction_id: &'a str,
    /// Transfer, Fee or Tax.
    pub kind: &'a str,
    /// debit or credit.
    pub direction: &'a str,
    /// The amount.
    pub amount: &'a str,
    /// ISO 4217.
    pub currency: &'a str,
    /// RFC 3339.
    pub booked_at: &'a str,
    /// The payout it is part of, if known.
    pub settlement_id: &'a str,
    /// SETTLED or REVERSED.
    pub status: &'a str,
}

impl<'a> LedgerFields<'a> {
    /// The names of the file's columns.
    pub const COLUMNS: [&'static str; 10] = [
        "transaction_id",
        "reference",
        "provider_transaction_id",
        "payment_reference",
        "kind",
        "direction",
        "amount",
        "currency",
        "occurred_at",
        "status",
    ];

    /// A row whose texts stand in the order of the file's columns.
    #[must_use]
    pub const fn of_columns(columns: [&'a str; 10]) -> Self {
        let [
            transaction_id,
            reference,
            provider_transaction_id,
            payment_reference,
            kind,
            direction,
            amount,
            currency,
            occurred_at,
            status,
        ] = columns;
        Self {
            transaction_id,
            reference,
            provider_transaction_id,
            payment_reference,
            kind,
            direction,
            amount,
            currency,
            occurred_at,
            status,
        }
    }

    /// The texts in the order of the file's columns.
    #[must_use]
    pub const fn columns(&self) -> [&'a str; 10] {
        [
            self.transaction_id,
            self.reference,
            self.provider_transaction_id,
            self.payment_reference,
            self.kind,
            self.direction,
            self.amount,
            self.currency,
            self.occurred_at,
            self.status,
        ]
    }
}

impl<'a> StatementFields<'a> {
    /// The names of the canonical file's columns.
    pub const COLUMNS: [&'static str; 9] = [
        "reference",
        "provider_transaction_id",
        "kind",
        "direction",
        "amount",
        "currency",
        "booked_at",
        "settlement_id",
        "status",
    ];

    /// A row whose texts stand in the order of the canonical file's columns.
    #[must_use]
    pub const fn of_columns(columns: [&'a str; 9]) -> Self {
        let [
            reference,
            provider_transaction_id,
            kind,
            direction,
            amount,
            currency,
            booked_at,
            settlement_id,
            status,
        ] = columns;
        Self {
            reference,
            provider_transaction_id,
            kind,
            direction,
            amount,
            currency,
            booked_at,
            settlement_id,
            status,
        }
    }

    /// The texts in the order of the canonical file's columns.
    #[must_use]
    pub const fn columns(&self) -> [&'a str; 9] {
        [
            self.reference,
            self.provider_transaction_id,
            self.kind,
            self.direction,
            self.amount,
            self.currency,
            self.booked_at,
            self.settlement_id,
            self.status,
        ]
    }
}

impl Row {
    /// Reads a ledger row.
    ///
    /// # Errors
    /// [`RowProblem`] naming the column.
    pub fn of_ledger(fields: &LedgerFields<'_>, line: u32) -> Result<Self, RowProblem> {
        let standing = match fields.status {
            "PAID" | "COMPLETED" => Standing::Settled,
            "REVERSED" => Standing::Reversed,
            _ => Standing::Other,
        };
        let currency = currency(fields.currency)?;
        let row = Self {
            reference: wide_hash(fields.reference),
            provider_id: hash(fields.provider_transaction_id),
            group: hash(fields.payment_reference),
            minor: minor(fields.amount, currency)?,
            minute: minute("occurred_at", fields.occurred_at)?,
            line,
            identity: u32::try_from(hash(fields.transaction_id) >> 32).unwrap_or_default(),
            currency: packed(currency),
            tags: Tags::new(kind(fields.kind)?, side(fields.direction)?, standing),
        };
        Ok(row)
    }

    /// Reads a statement row.
    ///
    /// # Errors
    /// [`RowProblem`] naming the column.
    pub fn of_statement(fields: &StatementFields<'_>, line: u32) -> Result<Self, RowProblem> {
        let standing = match fields.status {
            "SETTLED" => Standing::Settled,
            "REVERSED" => Standing::Reversed,
            _ => Standing::Other,
        };
        let currency = currency(fields.currency)?;
        let row = Self {
            reference: wide_hash(fields.reference),
            provider_id: hash(fields.provider_transaction_id),
            group: hash(fields.settlement_id),
            minor: minor(fields.amount, currency)?,
            minute: minute("booked_at", fields.booked_at)?,
            line,
            identity: 0,
            currency: packed(currency),
            tags: Tags::new(kind(fields.kind)?, side(fields.direction)?, standing),
        };
        Ok(row)
    }

    /// What it stands for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.tags.0 >> 4 {
            0 => Kind::Transfer,
            1 => Kind::Fee,
            _ => Kind::Tax,
        }
    }

    /// Out or in.
    #[must_use]
    pub const fn side(&self) -> Side {
        if self.tags.0 & 1 == 0 { Side::Debit } else { Side::Credit }
    }

    /// What its status means.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.tags.0 >> 1 & 3 {
            0 => Standing::Settled,
            1 => Standing::Reversed,
            _ => Standing::Other,
        }
    }

    /// The amount with its sign: what comes in is positive.
    #[must_use]
    pub const fn signed(&self) -> i64 {
        match self.side() {
            Side::Credit => self.minor,
            Side::Debit => self.minor.saturating_neg(),
        }
    }

    /// Everything but the line.
    #[must_use]
    pub const fn content(&self) -> Content {
        Content {
            reference: self.reference,
            tags: self.tags,
            currency: self.currency,
            minor: self.minor,
            provider_id: self.provider_id,
            group: self.group,
            minute: self.minute,
            identity: self.identity,
        }
    }
}

/// The packed currency, kind and minor units of a row that was read before; `None` for one that could not be.
#[must_use]
pub fn amount_of(kind_text: &str, amount: &str, currency_text: &str) -> Option<(u16, Kind, i64)> {
    let currency = currency(currency_text).ok()?;
    Some((packed(currency), kind(kind_text).ok()?, minor(amount, currency).ok()?))
}

fn kind(text: &str) -> Result<Kind, RowProblem> {
    Kind::parse(text)
        .map_err(|_| RowProblem { column: "kind", expected: "expected one of Transfer, Fee, Tax" })
}

fn side(text: &str) -> Result<Side, RowProblem> {
    Side::parse(text)
        .map_err(|_| RowProblem { column: "direction", expected: "expected one of debit, credit" })
}

fn currency(text: &str) -> Result<Currency, RowProblem> {
    Currency::parse(text)
        .map_err(|_| RowProblem { column: "currency", expected: "expected an ISO 4217 currency code" })
}

fn minute(column: &'static str, text: &str) -> Result<i32, RowProblem> {
    let problem = RowProblem { column, expected: "expected a time as RFC 3339" };
    let moment = Timestamp::parse(text).map_err(|_| problem)?;
    i32::try_from(moment.as_seconds().div_euclid(60)).map_err(|_| problem)
}

/// Exact minor units: an amount with more decimals than its currency has is no amount of it.
fn minor(text: &str, currency: Currency) -> Result<i64, RowProblem> {
    let problem = RowProblem {
        column: "amount",
        expected: "expected an amount with no more decimals than its currency",
    };
    if let Some(minor) = plain_minor(text, currency.exponent()) {
        return Ok(minor);
    }
    let amount = parse_decimal(text).map_err(|_| problem)?;
    let minor = amount.checked_mul(Decimal::from(10_i64.pow(currency.exponent()))).ok_or(problem)?;
    let whole = Some(minor).filter(|minor| minor.fract().is_zero() && !minor.is_sign_negative());
    whole.and_then(|minor| minor.to_i64()).ok_or(problem)
}

/// The common case, digits with at most a point in them, without a detour.
fn plain_minor(text: &str, exponent: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let decimals = u32::try_from(fraction.len()).ok()?;
    if whole.is_empty() || whole.len() > 14 || decimals > exponent {
        return None;
    }
    let mut minor: i64 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        minor = minor.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    minor.checked_mul(10_i64.checked_pow(exponent.checked_sub(decimals)?)?)
}

/// 128 bits of a text that is there; zero for one that is not.
#[must_use]
pub fn wide_hash(text: &str) -> [u64; 2] {
    if text.is_empty() {
        return [0, 0];
    }
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    let hash = hasher.finish128();
    [hash.h1, hash.h2]
}

/// The last 64 of them, by which references and payment references can be compared.
#[must_use]
pub fn hash(text: &str) -> u64 {
    let [_, low] = wide_hash(text);
    low
}

fn packed(currency: Currency) -> u16 {
    currency.as_str().bytes().fold(0, |packed: u16, letter| {
        packed.wrapping_mul(26).wrapping_add(u16::from(letter.wrapping_sub(b'A')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_minor_units() {
        for (text, currency, expected) in [
            ("10000", Currency::IDR, Some(1_000_000)),
            ("500.25", Currency::ZAR, Some(50_025)),
            ("500.2", Currency::ZAR, Some(50_020)),
            ("0", Currency::ZAR, Some(0)),
            ("5e2", Currency::ZAR, Some(50_000)),
            ("500.250", Currency::ZAR, Some(50_025)),
            ("500.255", Currency::ZAR, None),
            ("-5", Currency::ZAR, None),
            ("", Currency::ZAR, None),
            ("1.2.3", Currency::ZAR, None),
            ("99999999999999999999", Currency::ZAR, None),
        ] {
            assert_eq!(minor(text, currency).ok(), expected, "{text}");
        }
    }

    #[test]
    fn tags_read_back() {
        for kind in Kind::ALL {
            for side in Side::ALL {
                for standing in [Standing::Settled, Standing::Reversed, Standing::Other] {
                    let fields = LedgerFields {
                        reference: "INV1",
                        kind: kind.as_str(),
                        direction: side.as_str(),
                        amount: "1",
                        currency: "IDR",
                        occurred_at: "2026-11-20T08:00:00Z",
                        status: match standing {
                            Standing::Settled => "PAID",
                            Standing::Reversed => "REVERSED",
                            Standing::Other => "PENDING",
                        },
                        ..LedgerFields::default()
                    };
                    let row = Row::of_ledger(&fields, 2).unwrap();
                    assert_eq!((row.kind(), row.side(), row.standing()), (*kind, *side, standing));
                }
            }
        }
    }

    #[test]
    fn a_row_is_small() {
        assert!(size_of::<Row>() <= 56, "{}", size_of::<Row>());
    }
}
