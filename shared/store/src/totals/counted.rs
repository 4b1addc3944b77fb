//! What was counted of a transaction: a line for each sum that it is part of.

use aws_sdk_dynamodb::types::AttributeValue;
use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::money::parse_decimal;
use paywarden_domain::totals::{Sums, Totals, TotalsKey};

use super::{parse_sort, sort};
use crate::dynamo::{Item, key2, number, text};

/// A sum is named by its first row.
const FIRST_ROW: u8 = 0;

/// What was counted of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The version of its record that says so.
    pub version: u64,
    pub totals: Totals,
}

impl Counted {
    pub(super) fn read(merchant: &MerchantId, item: &Item) -> Option<Self> {
        let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok())?;
        let lines = item.get("counted").and_then(|counted| counted.as_s().ok())?;
        let totals = lines.lines().map(|line| parse(merchant, line)).collect::<Option<_>>()?;
        Some(Self { version, totals })
    }

    pub(super) fn to_item(&self, transaction: &TransactionId) -> Item {
        let mut item = key(transaction);
        item.insert("version".to_owned(), number(self.version));
        item.insert("counted".to_owned(), lines(&self.totals));
        item
    }
}

/// The key of its row.
pub(super) fn key(transaction: &TransactionId) -> Item {
    key2(("pk", &format!("counted#{transaction}")), ("sk", "totals"))
}

/// The same sums are the same text.
pub(super) fn lines(totals: &Totals) -> AttributeValue {
    let line = |(key, sums): (&TotalsKey, &Sums)| {
        let (debit, credit) = (sums.debit.normalize(), sums.credit.normalize());
        format!("{}|{}|{debit}|{credit}|{}", key.shard, sort(key, FIRST_ROW), sums.count)
    };
    text(totals.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn parse(merchant: &MerchantId, line: &str) -> Option<(TotalsKey, Sums)> {
    let mut parts = line.split('|');
    let shard = parts.next()?.parse().ok()?;
    let key = parse_sort(merchant, shard, parts.next()?)?;
    let debit = parse_decimal(parts.next()?).ok()?;
    let credit = parse_decimal(parts.next()?).ok()?;
    let count = parts.next()?.parse().ok()?;
    Some((key, Sums { debit, credit, count }))
}
