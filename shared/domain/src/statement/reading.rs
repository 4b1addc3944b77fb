//! How a file is to be read: one of the formats known by name, or a map of columns that a merchant gives for anything
//! else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::Side;
use crate::money::Currency;
use crate::reconciliation::row::Kind;
use crate::time::Zone;
use crate::vocabulary::words;

words! {
    /// The formats.
    pub enum Format {
        /// Our own: one row per movement, columns by name.
        Paywarden = "paywarden",
        /// Xendit's balance report.
        Xendit = "xendit",
        /// Adyen's settlement details report.
        Adyen = "adyen",
        /// Whatever a map of columns says.
        Columns = "columns",
    }
}

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

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", content = "columns", rename_all = "lowercase")]
pub enum Reading {
    /// As [`Format::Paywarden`].
    Paywarden,
    /// As [`Format::Xendit`].
    Xendit,
    /// As [`Format::Adyen`].
    Adyen,
    /// By a map of columns.
    Columns(Box<Columns>),
}

impl Reading {
    /// The reading of a format that is known by name.
    #[must_use]
    pub const fn of_format(format: Format) -> Option<Self> {
        match format {
            Format::Paywarden => Some(Self::Paywarden),
            Format::Xendit => Some(Self::Xendit),
            Format::Adyen => Some(Self::Adyen),
            Format::Columns => None,
        }
    }

    /// The format's name.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self {
            Self::Paywarden => Format::Paywarden,
            Self::Xendit => Format::Xendit,
            Self::Adyen => Format::Adyen,
            Self::Columns(_) => Format::Columns,
        }
    }

    /// A text that is the same for readings that read the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where the members of a row stand in a file of somebody else's making, and how they are written there.
///
/// A line may tell an amount, its fee and its tax side by side; a fee or a tax that is not zero becomes a row of its own, a
/// debit with whatever sign it is written.
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
    /// How times are written, as `strptime` has it; RFC 3339 or `YYYY-MM-DD HH:mm:ss` without one.
    #[serde(default)]
    pub time_format: Option<String>,
    /// What tells debits from credits where no column does.
    #[serde(default = "positive_is_credit")]
    pub sign: SignConvention,
    /// Amounts are whole numbers of minor units, of which so many digits are the part.
    #[serde(default)]
    pub exponent: Option<u32>,
    /// The currency, where no column tells it.
    #[serde(default)]
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

/// The names of columns, by what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldColumns {
    pub reference: Option<String>,
    /// The provider's own id.
    pub provider_transaction_id: Option<String>,
    /// The payout a row is part of.
    pub settlement_id: Option<String>,
    pub amount: String,
    /// The fee on it.
    pub fee: Option<String>,
    /// The tax on the fee.
    pub tax: Option<String>,
    /// When it was booked.
    pub booked_at: String,
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

const fn positive_is_credit() -> SignConvention {
    SignConvention::PositiveIsCredit
}
