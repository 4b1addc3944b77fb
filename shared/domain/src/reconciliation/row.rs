//! One row of either side in a fixed-width form: [`Row::BYTES`] bytes, so that ten million of them fit a laptop. Texts become
//! hashes; whoever writes the outcome reads the files once more.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use super::BookSide;
use super::amount::minor_units;
use super::fields::RowFields;
use crate::ledger::Side;
use crate::money::Currency;
use crate::statement::SettledStatus;
use crate::time::Timestamp;
use crate::vocabulary::{Status, words};

/// Microseconds of a second.
const MICROS: i64 = 1_000_000;

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
pub enum SettledState {
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
    /// Seconds since 1970, until the year 2106.
    pub second: u32,
    /// The line it stands on; 1 is the header.
    pub line: u32,
    /// Tells rows apart that share everything else: of the ledger's transaction id and the parts of the second.
    pub identity: u32,
    pub currency: Currency,
    tags: Tags,
}

const _: () = assert!(size_of::<Row>() == Row::BYTES);

/// Kind, side and settled_state in one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tags(u8);

impl Tags {
    const fn new(kind: Kind, side: Side, settled_state: SettledState) -> Self {
        Self((kind as u8) << 4 | (settled_state as u8) << 1 | side as u8)
    }
}

/// Everything of a row but the line, in the order by which rows of one group are told apart: what was equal before time is
/// told apart by it, and only then by hashes, whose order means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    reference: [u64; 2],
    tags: Tags,
    currency: Currency,
    minor: i64,
    second: u32,
    provider_id: u64,
    group: u64,
    identity: u32,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {expected}")]
pub struct RowProblem {
    pub column: &'static str,
    pub expected: &'static str,
}

impl Row {
    /// Bytes that memory holds of a row. Budgets are made with it, so it may not become more without anybody noticing.
    pub const BYTES: usize = 56;

    /// Reads the row of a side that stands on a line. What is wrong first is told.
    ///
    /// # Errors
    /// [`RowProblem`] naming the column.
    pub fn read(side: BookSide, fields: &RowFields<&str>, line: u32) -> Result<Self, RowProblem> {
        let currency = read_currency(fields.currency)?;
        let minor = read_minor(fields.amount, currency)?;
        let (second, micros) = read_moment(side, fields.at)?;
        let (kind, direction) = (read_kind(fields.kind)?, read_direction(fields.direction)?);
        Ok(Self {
            reference: wide_hash(fields.reference),
            provider_id: hash(fields.provider_transaction_id),
            group: hash(fields.group_reference),
            minor,
            second,
            line,
            identity: u32::try_from(hash(fields.transaction_id) >> 32).unwrap_or_default() ^ micros,
            currency,
            tags: Tags::new(kind, direction, SettledState::of(side, fields.status)),
        })
    }

    /// The same row on another line.
    #[must_use]
    pub const fn on_line(self, line: u32) -> Self {
        Self { line, ..self }
    }

    /// What it stands for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let kind = Kind::ALL.get(usize::from(self.tags.0 >> 4));
        kind.copied().unwrap_or(Kind::Transfer)
    }

    /// Out or in.
    #[must_use]
    pub const fn side(&self) -> Side {
        if self.tags.0 & 1 == 0 { Side::Debit } else { Side::Credit }
    }

    /// What its status means.
    #[must_use]
    pub const fn settled_state(&self) -> SettledState {
        match self.tags.0 >> 1 & 3 {
            0 => SettledState::Settled,
            1 => SettledState::Reversed,
            _ => SettledState::Other,
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
            second: self.second,
            provider_id: self.provider_id,
            group: self.group,
            identity: self.identity,
        }
    }
}

impl SettledState {
    /// What a status says in the words of a side. A word that is none of its own settles nothing.
    fn of(side: BookSide, status: &str) -> Self {
        match side {
            BookSide::Ledger => match Status::parse(status) {
                Ok(Status::Paid | Status::Completed) => Self::Settled,
                Ok(Status::Reversed) => Self::Reversed,
                Ok(Status::Pending | Status::Processing | Status::Expired | Status::Failed) | Err(_) => {
                    Self::Other
                }
            },
            BookSide::Statement => match SettledStatus::parse(status) {
                Ok(SettledStatus::Settled) => Self::Settled,
                Ok(SettledStatus::Reversed) => Self::Reversed,
                Err(_) => Self::Other,
            },
        }
    }
}

/// The currency, kind and minor units of a row that was read before; `None` for one that could not be.
#[must_use]
pub fn amount_of(fields: &RowFields<&str>) -> Option<(Currency, Kind, i64)> {
    let currency = read_currency(fields.currency).ok()?;
    Some((currency, read_kind(fields.kind).ok()?, read_minor(fields.amount, currency).ok()?))
}

fn read_currency(text: &str) -> Result<Currency, RowProblem> {
    Currency::parse(text)
        .map_err(|_| RowProblem { column: "currency", expected: "expected an ISO 4217 currency code" })
}

fn read_minor(text: &str, currency: Currency) -> Result<i64, RowProblem> {
    minor_units(text, currency).ok_or(RowProblem {
        column: "amount",
        expected: "expected an amount with no more decimals than its currency",
    })
}

fn read_kind(text: &str) -> Result<Kind, RowProblem> {
    Kind::parse(text)
        .map_err(|_| RowProblem { column: "kind", expected: "expected one of Transfer, Fee, Tax" })
}

fn read_direction(text: &str) -> Result<Side, RowProblem> {
    Side::parse(text)
        .map_err(|_| RowProblem { column: "direction", expected: "expected one of debit, credit" })
}

/// The second since 1970, and the microsecond in it.
fn read_moment(side: BookSide, text: &str) -> Result<(u32, u32), RowProblem> {
    let problem = |expected| RowProblem { column: side.time_column(), expected };
    let moment = Timestamp::parse(text).map_err(|_| problem("expected a time as RFC 3339"))?;
    let second = u32::try_from(moment.as_micros().div_euclid(MICROS))
        .map_err(|_| problem("expected a time of the years 1970 to 2105"))?;
    Ok((second, u32::try_from(moment.as_micros().rem_euclid(MICROS)).unwrap_or_default()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_read_back() {
        for kind in Kind::ALL {
            for direction in Side::ALL {
                for (status, settled_state) in [
                    (Status::Paid, SettledState::Settled),
                    (Status::Reversed, SettledState::Reversed),
                    (Status::Pending, SettledState::Other),
                ] {
                    let fields = RowFields {
                        reference: "INV1",
                        kind: kind.as_str(),
                        direction: direction.as_str(),
                        amount: "1",
                        currency: "IDR",
                        at: "2026-11-20T08:00:00Z",
                        status: status.as_str(),
                        ..RowFields::default()
                    };
                    let row = Row::read(BookSide::Ledger, &fields, 2).unwrap();
                    assert_eq!(
                        (row.kind(), row.side(), row.settled_state()),
                        (*kind, *direction, settled_state)
                    );
                }
            }
        }
    }

    #[test]
    fn a_row_has_the_second_of_its_time_and_none_that_it_cannot_hold() {
        let read = |at| {
            let fields = RowFields {
                kind: "Fee",
                direction: "debit",
                amount: "1",
                currency: "IDR",
                at,
                ..RowFields::default()
            };
            Row::read(BookSide::Statement, &fields, 2).map(|row| row.second).map_err(|problem| problem.column)
        };
        for (at, second) in [
            ("1970-01-01T00:00:00Z", Ok(0)),
            ("2026-11-20T08:00:45.999Z", Ok(1_795_161_645)),
            ("2026-11-20T15:00:45+07:00", Ok(1_795_161_645)),
            ("2106-02-07T06:28:15Z", Ok(u32::MAX)),
            ("2106-02-07T06:28:16Z", Err("booked_at")),
            ("1969-12-31T23:59:59.5Z", Err("booked_at")),
            ("2026-11-20 08:00:45", Err("booked_at")),
        ] {
            assert_eq!(read(at), second, "{at}");
        }
    }

    #[test]
    fn a_row_is_small() {
        assert!(size_of::<Row>() <= 56, "{}", size_of::<Row>());
    }
}
