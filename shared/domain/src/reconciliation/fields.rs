//! The texts of a row. There is one list of columns, [`RowFields`]; the files of both sides, the working files of runs,
//! their reports and their exceptions follow from it.

use serde::{Deserialize, Serialize};

use super::BookSide;

/// Declares what a row says, in the order in which working files and exceptions have it.
macro_rules! fields {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* $field:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct $name<T> { $($(#[$field_doc])* pub $field: T,)+ }

        /// The names of the fields, in their order.
        pub const NAMES: [&str; COUNT] = [$(stringify!($field)),+];

        impl<T> $name<T> {
            /// The fields that have these texts, in their order.
            pub fn of_texts(texts: [T; COUNT]) -> Self {
                let [$($field),+] = texts;
                Self { $($field),+ }
            }

            /// The texts in the order of the fields.
            pub fn into_texts(self) -> [T; COUNT] {
                [$(self.$field),+]
            }
        }

        impl $name<String> {
            /// The fields without their texts' ownership.
            #[must_use]
            pub fn borrowed(&self) -> $name<&str> {
                $name { $($field: &self.$field),+ }
            }
        }
    };
}

/// How many fields a row has.
pub const COUNT: usize = 10;

fields! {
    /// What a row says, whichever side's it is; empty where it says nothing.
    pub struct RowFields {
        /// The transaction, of a ledger's row.
        transaction_id,
        /// The merchant's reference, if the provider has it.
        reference,
        /// The provider's own id, if known.
        provider_transaction_id,
        /// What ties it to others: what bank statements show (ledger), or the payout it is part of (statement).
        group_reference,
        /// Transfer, Fee or Tax.
        kind,
        /// debit or credit.
        direction,
        /// The amount, as it stands there.
        amount,
        /// ISO 4217.
        currency,
        /// RFC 3339: when it occurred (ledger) or was booked (statement).
        at,
        /// The transaction's status (ledger), or SETTLED or REVERSED (statement).
        status,
    }
}

/// The columns of a file of outcomes, whoever writes it; what else is known may stand behind them.
pub const OUTCOME_COLUMNS: [&str; 10] = [
    "outcome",
    "side",
    "line",
    "counterpart_line",
    "reference",
    "kind",
    "direction",
    "amount",
    "currency",
    "detail",
];

impl<T> RowFields<T> {
    /// The same fields, each made into something else.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> RowFields<U> {
        RowFields::of_texts(self.into_texts().map(each))
    }

    /// What a file of outcomes repeats of a row: [`OUTCOME_COLUMNS`] from `reference` to `currency`.
    pub fn shown(self) -> [T; 5] {
        [self.reference, self.kind, self.direction, self.amount, self.currency]
    }
}

impl BookSide {
    /// The columns of this side's canonical file: what each is called there, and the place of its text among the fields.
    const fn columns(self) -> &'static [(&'static str, usize)] {
        match self {
            Self::Ledger => &[
                ("transaction_id", 0),
                ("reference", 1),
                ("provider_transaction_id", 2),
                ("payment_reference", 3),
                ("kind", 4),
                ("direction", 5),
                ("amount", 6),
                ("currency", 7),
                ("occurred_at", 8),
                ("status", 9),
            ],
            Self::Statement => &[
                ("reference", 1),
                ("provider_transaction_id", 2),
                ("kind", 4),
                ("direction", 5),
                ("amount", 6),
                ("currency", 7),
                ("booked_at", 8),
                ("settlement_id", 3),
                ("status", 9),
            ],
        }
    }

    /// The header of its canonical file.
    pub fn header(self) -> impl Iterator<Item = &'static str> {
        self.columns().iter().map(|(name, _)| *name)
    }

    /// What its canonical file calls the time.
    pub(super) const fn time_column(self) -> &'static str {
        match self {
            Self::Ledger => "occurred_at",
            Self::Statement => "booked_at",
        }
    }

    /// The fields of a line of its canonical file. `text` is asked for each column, counted from 0.
    pub fn of_line<T: Copy + Default>(self, text: impl Fn(usize) -> T) -> RowFields<T> {
        let mut texts = [T::default(); COUNT];
        for (column, (_, place)) in self.columns().iter().enumerate() {
            if let Some(slot) = texts.get_mut(*place) {
                *slot = text(column);
            }
        }
        RowFields::of_texts(texts)
    }

    /// The texts in the order of its canonical file's columns.
    pub fn to_line<T: Copy>(self, fields: RowFields<T>) -> impl Iterator<Item = T> {
        let texts = fields.into_texts();
        self.columns().iter().filter_map(move |(_, place)| texts.get(*place).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sides_columns_are_the_fields_under_its_own_names() {
        for (side, renamed) in [
            (BookSide::Ledger, &["payment_reference", "occurred_at"][..]),
            (BookSide::Statement, &["booked_at", "settlement_id"][..]),
        ] {
            let others: Vec<&str> = side.header().filter(|name| !NAMES.contains(name)).collect();
            assert_eq!(others, renamed, "{side}");
            for (name, place) in side.columns().iter().filter(|(name, _)| NAMES.contains(name)) {
                assert_eq!(NAMES[*place], *name, "{side}");
            }
        }
    }

    #[test]
    fn lines_read_back() {
        for side in BookSide::ALL {
            let line: Vec<&str> = side.header().collect();
            let fields = side.of_line(|column| line[column]);
            assert_eq!(side.to_line(fields).collect::<Vec<_>>(), line, "{side}");
            assert_eq!(fields.at, side.time_column());
        }
    }
}
