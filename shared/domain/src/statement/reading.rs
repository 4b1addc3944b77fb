//! How a file is to be read: one of the formats known by name, or a map of columns that a merchant gives for anything
//! else.

use serde::{Deserialize, Serialize};

use super::columns::Columns;
use crate::vocabulary::words;

/// Which way files are read. It grows whenever the same bytes may come to other rows than before: what was read by an
/// earlier version stays another statement than the same bytes read now, and its runs other runs.
///
/// 2: a quote that is never closed takes no further lines with it; a negative fee or tax is given back; gross, fee, tax
/// and net are held against each other; groups of digits are of three; currency codes may be in small letters.
pub const READING_VERSION: u32 = 2;

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

impl Format {
    /// What people call a file of this format.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Paywarden => "paywarden statement",
            Self::Xendit => "xendit balance report",
            Self::Adyen => "adyen settlement details report",
            Self::Columns => "file of other making by its map of columns",
        }
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

    /// A text that is the same for readings that read the same, by the same version of the readers.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
