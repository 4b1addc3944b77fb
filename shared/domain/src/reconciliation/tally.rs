//! Counting rows and adding amounts up, exactly: by side, currency and kind for what goes in, by outcome too for what comes
//! out.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::row::{Kind, Row};
use super::{BookSide, Outcome};
use crate::money::Currency;

/// Rows and minor units of one side, currency and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    origin: BookSide,
    currency: Currency,
    kind: Kind,
}

/// How many rows, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    rows: u64,
    minor: i128,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.minor = self.minor.saturating_add(other.minor);
    }
}

/// Rows by side, and amounts by side, currency and kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<TotalsRow>", into = "Vec<TotalsRow>")]
pub struct RowTotals {
    sums: BTreeMap<Key, Sum>,
    /// Rows that cannot be read.
    unreadable: BTreeMap<BookSide, u64>,
}

/// A line of totals as it is stored. Without a currency it counts rows that cannot be read.
#[derive(Serialize, Deserialize)]
struct TotalsRow {
    origin: BookSide,
    amount_of: Option<(Currency, Kind)>,
    rows: u64,
    minor: String,
}

/// A stored sum that is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected sums of minor units as whole numbers")]
pub struct InvalidTotals;

impl RowTotals {
    /// Counts a row; `None` is one that cannot be read.
    pub fn add(&mut self, origin: BookSide, row: Option<&Row>) {
        match row {
            Some(row) => {
                let sum = Sum { rows: 1, minor: i128::from(row.minor) };
                let key = Key { origin, currency: row.currency, kind: row.kind() };
                self.sums.entry(key).or_default().add(sum);
            }
            None => {
                let count = self.unreadable.entry(origin).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// Whether there is any row of a kind on a side.
    #[must_use]
    pub fn has(&self, origin: BookSide, kind: Kind) -> bool {
        self.sums.iter().any(|(key, sum)| key.origin == origin && key.kind == kind && sum.rows > 0)
    }

    /// Counts all of another's.
    pub fn merge(&mut self, other: &Self) {
        for (key, sum) in &other.sums {
            self.sums.entry(*key).or_default().add(*sum);
        }
        for (origin, count) in &other.unreadable {
            let own = self.unreadable.entry(*origin).or_default();
            *own = own.saturating_add(*count);
        }
    }

    /// Rows of a side, unreadable ones too.
    #[must_use]
    pub fn rows(&self, origin: BookSide) -> u64 {
        let own = self.sums.iter().filter(|(key, _)| key.origin == origin).map(|(_, sum)| sum.rows);
        own.sum::<u64>().saturating_add(self.unreadable.get(&origin).copied().unwrap_or_default())
    }
}

impl From<RowTotals> for Vec<TotalsRow> {
    fn from(totals: RowTotals) -> Self {
        let readable = totals.sums.into_iter().map(|(key, sum)| TotalsRow {
            origin: key.origin,
            amount_of: Some((key.currency, key.kind)),
            rows: sum.rows,
            minor: sum.minor.to_string(),
        });
        let unreadable = totals.unreadable.into_iter();
        let unreadable = unreadable.map(|(origin, rows)| TotalsRow {
            origin,
            amount_of: None,
            rows,
            minor: "0".to_owned(),
        });
        readable.chain(unreadable).collect()
    }
}

impl TryFrom<Vec<TotalsRow>> for RowTotals {
    type Error = InvalidTotals;

    fn try_from(rows: Vec<TotalsRow>) -> Result<Self, InvalidTotals> {
        let mut totals = Self::default();
        for TotalsRow { origin, amount_of, rows, minor } in rows {
            match amount_of {
                Some((currency, kind)) => {
                    let minor = minor.parse().map_err(|_| InvalidTotals)?;
                    totals.sums.insert(Key { origin, currency, kind }, Sum { rows, minor });
                }
                None => drop(totals.unreadable.insert(origin, rows)),
            }
        }
        Ok(totals)
    }
}

/// What came out: totals by outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results(BTreeMap<Outcome, RowTotals>);

impl Results {
    /// Counts a row's outcome.
    pub fn add(&mut self, origin: BookSide, outcome: Outcome, row: Option<&Row>) {
        self.0.entry(outcome).or_default().add(origin, row);
    }

    /// All outcomes together.
    #[must_use]
    pub fn totals(&self) -> RowTotals {
        let mut totals = RowTotals::default();
        self.0.values().for_each(|own| totals.merge(own));
        totals
    }

    /// Rows by outcome of one side.
    #[must_use]
    pub fn outcomes(&self, origin: BookSide) -> BTreeMap<Outcome, u64> {
        let counts = self.0.iter().map(|(outcome, totals)| (*outcome, totals.rows(origin)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Amounts of one side: currency, kind, outcome.
    #[must_use]
    pub fn sums(&self, origin: BookSide) -> OutcomeSums {
        let mut sums = OutcomeSums::new();
        for (outcome, totals) in &self.0 {
            for (key, sum) in totals.sums.iter().filter(|(key, _)| key.origin == origin) {
                let amount = Decimal::try_from_i128_with_scale(sum.minor, key.currency.exponent());
                let amount = amount.unwrap_or_default().normalize().to_string();
                let kinds = sums.entry(key.currency.to_string()).or_default();
                kinds.entry(key.kind).or_default().insert(*outcome, amount);
            }
        }
        sums
    }
}

/// Amounts by currency, kind and outcome.
pub type OutcomeSums = BTreeMap<String, BTreeMap<Kind, BTreeMap<Outcome, String>>>;
