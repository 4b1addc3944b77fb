//! What was counted of a transaction: a line for each sum that it is part of, and one for where it is counted.

use aws_sdk_dynamodb::types::AttributeValue;
use paywarden_domain::counts::Standing;
use paywarden_domain::id::{MerchantId, TransactionId};
use paywarden_domain::money::parse_decimal;
use paywarden_domain::totals::{Sums, TotalsKey};
use paywarden_domain::vocabulary::Status;
use rust_decimal::Decimal;

use super::{Part, counts, parse_sort, sort};
use crate::dynamo::{Item, key2, number, text};

/// A row that is spread over several is named by its first one.
const FIRST_ROW: u8 = 0;

/// What was counted of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The version of its record that says so.
    pub version: u64,
    pub part: Part,
}

impl Counted {
    pub(super) fn read(merchant: &MerchantId, item: &Item) -> Option<Self> {
        let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok())?;
        let lines = item.get("counted").and_then(|counted| counted.as_s().ok())?;
        let mut part = Part::default();
        for line in lines.lines() {
            read_line(&mut part, merchant, line)?;
        }
        Some(Self { version, part })
    }

    pub(super) fn to_item(&self, transaction: &TransactionId) -> Item {
        let mut item = key(transaction);
        item.insert("version".to_owned(), number(self.version));
        item.insert("counted".to_owned(), lines(&self.part));
        item
    }
}

/// The key of its row.
pub(super) fn key(transaction: &TransactionId) -> Item {
    key2(("pk", &format!("counted#{transaction}")), ("sk", "totals"))
}

/// The same part is the same text. What has no fee and no tax is written as it was before these were summed.
pub(super) fn lines(part: &Part) -> AttributeValue {
    let sum = |(key, sums): (&TotalsKey, &Sums)| {
        let (debit, credit) = (sums.debit.normalize(), sums.credit.normalize());
        let line = format!("{}|{}|{debit}|{credit}|{}", key.shard, sort(key, FIRST_ROW), sums.count);
        if sums.fee.is_zero() && sums.tax.is_zero() {
            return line;
        }
        format!("{line}|{}|{}", sums.fee.normalize(), sums.tax.normalize())
    };
    let stands = |Standing { key, status }: &Standing| {
        format!("{}|{}|{status}", key.shard, counts::sort(key, FIRST_ROW))
    };
    let lines: Vec<_> = part.sums.iter().map(sum).chain(part.standing.iter().map(stands)).collect();
    text(lines.join("\n"))
}

fn read_line(part: &mut Part, merchant: &MerchantId, line: &str) -> Option<()> {
    match *line.split('|').collect::<Vec<_>>() {
        [shard, key, debit, credit, count, ref charges @ ..] if matches!(charges.len(), 0 | 2) => {
            let key = parse_sort(merchant, shard.parse().ok()?, key)?;
            let amount = |text: &str| parse_decimal(text).ok();
            let charge = |place: usize| charges.get(place).map_or(Some(Decimal::ZERO), |text| amount(text));
            let sums = Sums {
                debit: amount(debit)?,
                credit: amount(credit)?,
                fee: charge(0)?,
                tax: charge(1)?,
                count: count.parse().ok()?,
            };
            part.sums.insert(key, sums);
        }
        [shard, key, status] => {
            let key = counts::parse_sort(merchant, shard.parse().ok()?, key)?;
            part.standing = Some(Standing { key, status: Status::parse(status).ok()? });
        }
        _ => return None,
    }
    Some(())
}
