//! A map of columns: how a file of anybody's making is to be read.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::ledger::Side;
use crate::money::Currency;
use crate::reconciliation::row::Kind;
use crate::time::Zone;
use crate::vocabulary::words;

words! {
    /// What tells debits from credits where no column does.
    pub enum SignConvention {
        /// What is positive came in, what is negative went out.
        PositiveIsCredit = "positive_is_credit",
        /// What is positive went out, what is negative came in.
        PositiveIsDebit = "positive_is_debit",
        /// Everything came in, signs aside.
        AllCredit = "all_credit",
        /// Everything went out, signs aside.
        AllDebit = "all_debit",
    }
}

words! {
    /// How a fee or a tax is written that is taken; the other sign gives it back.
    pub enum ChargeSign {
        /// What is positive was taken.
        PositiveIsTaken = "positive_is_taken",
        /// What is negative was taken.
        NegativeIsTaken = "negative_is_taken",
    }
}

impl ChargeSign {
    /// Whether it is what a map means that says nothing of it.
    const fn is_usual(&self) -> bool {
        matches!(self, Self::PositiveIsTaken)
    }
}

/// Where the members of a row stand in a file of somebody else's making, and how they are written there.
///
/// A line may tell an amount, its fee and its tax side by side; a fee or a tax that is not zero becomes a row of its
/// own: a debit when it is taken, a credit when it is given back, as with a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    #[serde(default = "comma")]
    pub separator: char,
    /// What separates the whole from its parts.
    #[serde(default = "point")]
    pub decimal_sign: char,
    /// Lines above the header.
    #[serde(default)]
    pub skip_lines: u32,
    /// On whose clocks times without an offset are.
    pub zone: Zone,
    /// How times are written, as `strptime` has it; RFC 3339, `YYYY-MM-DD HH:mm:ss` or `YYYY-MM-DD` without one. A day
    /// alone is its first instant.
    #[serde(default)]
    pub time_format: Option<String>,
    /// What tells debits from credits where no column does.
    #[serde(default = "positive_is_credit")]
    pub sign: SignConvention,
    /// What a fee or a tax that is taken is written like.
    #[serde(default = "positive_is_taken", skip_serializing_if = "ChargeSign::is_usual")]
    pub charges: ChargeSign,
    /// Amounts are whole numbers of minor units.
    #[serde(default)]
    pub exponent: Option<MinorUnits>,
    /// The currency, where no column tells it; in capital or small letters.
    #[serde(default, deserialize_with = "any_case")]
    pub currency: Option<Currency>,
    /// The names of the columns.
    pub fields: FieldColumns,
    /// What the words in them mean.
    #[serde(default)]
    pub values: Values,
    /// The line that closes the file.
    #[serde(default)]
    pub footer: Option<Footer>,
}

/// How many digits of a whole number of minor units are the part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum MinorUnits {
    /// So many, whatever the currency. Right only where all amounts of a file are of one currency.
    Fixed(u32),
    /// As many as ISO 4217 gives the currency of the row, but for those that the provider counts otherwise.
    ByCurrency(BTreeMap<Currency, u32>),
}

/// What asks for ISO 4217 throughout.
const BY_CURRENCY: &str = "currency";

impl MinorUnits {
    /// The digits of an amount in this currency.
    #[must_use]
    pub fn of(&self, currency: Currency) -> u32 {
        match self {
            Self::Fixed(digits) => *digits,
            Self::ByCurrency(own) => own.get(&currency).copied().unwrap_or_else(|| currency.exponent()),
        }
    }

    /// The greatest number of digits that is said.
    #[must_use]
    pub fn greatest(&self) -> u32 {
        match self {
            Self::Fixed(digits) => *digits,
            Self::ByCurrency(own) => own.values().copied().max().unwrap_or_default(),
        }
    }
}

/// A value that says no minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("exponent: expected a whole number, \"currency\", or an object of whole numbers by currency")]
pub struct InvalidMinorUnits;

impl TryFrom<Value> for MinorUnits {
    type Error = InvalidMinorUnits;

    fn try_from(value: Value) -> Result<Self, InvalidMinorUnits> {
        let digits = |value: &Value| {
            value.as_u64().and_then(|digits| u32::try_from(digits).ok()).ok_or(InvalidMinorUnits)
        };
        match &value {
            Value::Number(_) => Ok(Self::Fixed(digits(&value)?)),
            Value::String(word) if word == BY_CURRENCY => Ok(Self::ByCurrency(BTreeMap::new())),
            Value::Object(own) => own
                .iter()
                .map(|(code, value)| {
                    Ok((Currency::parse(code).map_err(|_| InvalidMinorUnits)?, digits(value)?))
                })
                .collect::<Result<_, _>>()
                .map(Self::ByCurrency),
            _ => Err(InvalidMinorUnits),
        }
    }
}

impl From<MinorUnits> for Value {
    fn from(minor_units: MinorUnits) -> Self {
        match minor_units {
            MinorUnits::Fixed(digits) => Self::from(digits),
            MinorUnits::ByCurrency(own) if own.is_empty() => Self::from(BY_CURRENCY),
            MinorUnits::ByCurrency(own) => {
                own.into_iter().map(|(code, digits)| (code.to_string(), Self::from(digits))).collect()
            }
        }
    }
}

/// The names of columns, by what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldColumns {
    pub reference: Option<String>,
    /// The provider's own id.
    pub provider_transaction_id: Option<String>,
    /// The payout a row is part of.
    pub settlement_id: Option<String>,
    /// The amount. It is left out where debits and credits have columns of their own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub amount: String,
    /// What went out, beside `credit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debit: Option<String>,
    /// What came in, beside `debit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// The fee on it.
    pub fee: Option<String>,
    /// The tax on the fee.
    pub tax: Option<String>,
    /// What is left of the amount when fee and tax are taken; every line is held against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<String>,
    /// When it was booked.
    pub booked_at: String,
    /// The time of day, where `booked_at` has the day only. A time format reads both, with a space between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    pub currency: Option<String>,
    pub direction: Option<String>,
    /// Transfer, Fee or Tax.
    pub kind: Option<String>,
    pub status: Option<String>,
}

/// What the words of a file mean. A word that is not listed, and none of ours, makes its line unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Values {
    /// Of the direction's column; without one, also of a mark behind the amount.
    pub direction: BTreeMap<String, Side>,
    /// Transfer, Fee or Tax.
    pub kind: BTreeMap<String, Kind>,
    pub status: BTreeMap<String, SettledStatus>,
}

words! {
    /// What a statement says of a movement.
    pub enum SettledStatus {
        /// It moved.
        Settled = "SETTLED",
        /// It moved back.
        Reversed = "REVERSED",
    }
}

/// A line at the end that says how much came before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// What its first column says.
    pub marker: String,
    /// The place of the count of lines, from 1.
    #[serde(default)]
    pub count_column: Option<usize>,
    /// The place of the sum of the amounts as they are written, from 1.
    #[serde(default)]
    pub total_column: Option<usize>,
}

const fn comma() -> char {
    ','
}

const fn point() -> char {
    '.'
}

const fn positive_is_taken() -> ChargeSign {
    ChargeSign::PositiveIsTaken
}

const fn positive_is_credit() -> SignConvention {
    SignConvention::PositiveIsCredit
}

fn any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Currency>, D::Error> {
    let code: Option<String> = Option::deserialize(deserializer)?;
    let parsed = code.map(|code| Currency::parse(&code.to_ascii_uppercase())).transpose();
    parsed.map_err(serde::de::Error::custom)
}
