//! Are the running totals and counts, and the rows of the ledger, those of the transactions? All are read anew; while payments are
//! under way they follow the transactions within seconds, so a difference is looked at a few times before it is believed.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use anyhow::bail;
use paywarden_domain::counts::{Counts, CountsKey, Standing, count};
use paywarden_domain::id::MerchantId;
use paywarden_domain::ledger::{LedgerRow, Movement};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::{Clock, Day};
use paywarden_domain::totals::{Sums, Totals, TotalsKey, contribution, merge};
use paywarden_store::ledger::{LedgerFilters, LedgerQuery};
use paywarden_store::system::SystemClock;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};

use crate::stage::Stage;

/// Times a difference is looked at again.
const LOOKS: u32 = 5;

/// Rows read at a time.
const PAGE: usize = 500;

/// Compares, prints what differs, and fails if anything does.
pub async fn compare(stage: &Stage, id: &MerchantId) -> anyhow::Result<()> {
    let merchant = stage.merchant(id).await?;
    let mut differences = Vec::new();
    for look in 0..LOOKS {
        let computed = compute(stage, &merchant).await?;
        differences = compare_with(stage, &merchant, &computed).await?;
        if differences.is_empty() {
            let (sums, transactions) = (computed.totals.len(), computed.transactions);
            println!("{sums} sums and the counts of {transactions} transactions are as they should be");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(u64::from(look))).await;
    }
    for difference in &differences {
        println!("{difference}");
    }
    bail!("{} sums or counts differ", differences.len())
}

/// What differs from what the transactions come to, each as a sentence.
async fn compare_with(
    stage: &Stage,
    merchant: &Merchant,
    computed: &Computed,
) -> anyhow::Result<Vec<String>> {
    let days = days(merchant, computed)?;
    let shards = merchant.shard_count;
    let stored = stage.totals.list(&merchant.id, shards, days.0, days.1).await?;
    let rows = sums_of_ledger(stage, merchant, days).await?;
    let counts = stage.totals.counts(&merchant.id, shards, days.0, days.1).await?;
    let sums = difference("the totals", &computed.totals, &stored).into_iter();
    let sums = sums.chain(difference("the ledger's rows", &computed.totals, &rows));
    let counts = count_difference(&computed.counts, &counts);
    Ok(sums.map(|difference| difference.to_string()).chain(counts).collect())
}

/// What a merchant's transactions come to.
#[derive(Default)]
struct Computed {
    transactions: usize,
    totals: Totals,
    counts: Counts,
}

/// Adds up all transactions of a merchant.
async fn compute(stage: &Stage, merchant: &Merchant) -> anyhow::Result<Computed> {
    let (filters, mut after, mut computed) = (Filters::default(), None, Computed::default());
    loop {
        let query = ListQuery {
            merchant: &merchant.id,
            shard_count: merchant.shard_count,
            filters: &filters,
            order: Order::Ascending,
            limit: PAGE,
            after,
            now: SystemClock.now(),
        };
        let page = stage.transactions.list(&query).await?;
        computed.transactions = computed.transactions.saturating_add(page.transactions.len());
        for transaction in &page.transactions {
            merge(&mut computed.totals, contribution(transaction));
            count(&mut computed.counts, &Standing::of(transaction), 1);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(computed),
        }
    }
}

/// Every day of the years that a transaction is in, and of this one.
fn days(merchant: &Merchant, computed: &Computed) -> anyhow::Result<(Day, Day)> {
    let today = merchant.zone.day_of(SystemClock.now());
    let days = || computed.totals.keys().map(|key| key.day).chain(computed.counts.keys().map(|key| key.day));
    let first = days().min().unwrap_or(today).min(today);
    let last = days().max().unwrap_or(today).max(today);
    Ok((year_of(first, "01-01")?, year_of(last, "12-31")?))
}

/// What the ledger's rows of these days add up to.
async fn sums_of_ledger(
    stage: &Stage,
    merchant: &Merchant,
    (from, until): (Day, Day),
) -> anyhow::Result<Totals> {
    let (filters, mut after, mut totals) = (LedgerFilters::default(), None, Totals::new());
    loop {
        let query = LedgerQuery {
            merchant: &merchant.id,
            shard_count: merchant.shard_count,
            from,
            until,
            filters: &filters,
            limit: PAGE,
            after: after.as_deref(),
        };
        let page = stage.ledger.list(&query).await?;
        for (row, movement) in &page.lines {
            merge(&mut totals, Totals::from([sum_of(row, movement)]));
        }
        after = page.next;
        if after.is_none() {
            return Ok(totals);
        }
    }
}

fn sum_of(row: &LedgerRow, movement: &Movement) -> (TotalsKey, Sums) {
    let key = TotalsKey {
        merchant_id: row.merchant_id.clone(),
        shard: row.shard,
        day: row.day,
        currency: row.currency,
        provider: row.provider.as_ref().map(|provider| provider.id.clone()),
        method: row.method,
        status: row.status,
    };
    (key, Sums::of(movement.entry_type, movement.side, movement.amount))
}

fn year_of(day: Day, month_and_day: &str) -> anyhow::Result<Day> {
    let year: String = day.to_string().chars().take(4).collect();
    Ok(Day::parse(&format!("{year}-{month_and_day}"))?)
}

/// A sum that is not what the transactions add up to.
struct Difference {
    whose: &'static str,
    key: TotalsKey,
    computed: Sums,
    stored: Sums,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { whose, key, computed, stored } = self;
        write!(
            formatter,
            "{} {} {} {}: transactions add up to {computed:?}, {whose} say {stored:?}",
            key.day, key.currency, key.method, key.status
        )
    }
}

/// Every count that is not the same on both sides.
fn count_difference(computed: &Counts, stored: &Counts) -> Vec<String> {
    let keys: BTreeSet<&CountsKey> = computed.keys().chain(stored.keys()).collect();
    let differing = keys.into_iter().filter(|key| computed.get(key) != stored.get(key));
    let line = |key: &CountsKey| {
        let [computed, stored] =
            [computed, stored].map(|counts| counts.get(key).cloned().unwrap_or_default());
        format!(
            "created {} {}: transactions are {computed:?}, the counts say {stored:?}",
            key.day, key.method
        )
    };
    differing.map(line).collect()
}

/// Every sum that is not the same on both sides; a missing one is zero.
fn difference(whose: &'static str, computed: &Totals, stored: &Totals) -> Vec<Difference> {
    let keys: BTreeSet<&TotalsKey> = computed.keys().chain(stored.keys()).collect();
    let sums = |totals: &Totals, key: &TotalsKey| totals.get(key).copied().unwrap_or_default();
    let pairs = keys.into_iter().map(|key| Difference {
        whose,
        key: key.clone(),
        computed: sums(computed, key),
        stored: sums(stored, key),
    });
    pairs.filter(|difference| difference.computed != difference.stored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_are_not_the_same_are_named() {
        use paywarden_domain::vocabulary::{Method, Status};
        let key = |day: &str| CountsKey {
            merchant_id: MerchantId::derived("test", &[b"m"]),
            shard: 0,
            day: Day::parse(day).unwrap(),
            provider: None,
            method: Method::Qris,
        };
        let mut left = Counts::new();
        for (day, status) in [("2026-11-20", Status::Paid), ("2026-11-21", Status::Paid)] {
            count(&mut left, &Standing { key: key(day), status }, 1);
        }
        let mut right = left.clone();
        count(&mut right, &Standing { key: key("2026-11-21"), status: Status::Pending }, 1);
        let named = count_difference(&left, &right);
        let only =
            "created 2026-11-21 QRIS: transactions are {Paid: 1}, the counts say {Pending: 1, Paid: 1}";
        assert_eq!(named, [only]);
        assert!(count_difference(&left, &left).is_empty());
    }

    #[test]
    fn what_is_missing_on_either_side_differs() {
        let key = |day: &str| TotalsKey {
            merchant_id: MerchantId::derived("test", &[b"m"]),
            shard: 0,
            day: Day::parse(day).unwrap(),
            currency: paywarden_domain::money::Currency::IDR,
            provider: None,
            method: paywarden_domain::vocabulary::Method::Qris,
            status: paywarden_domain::vocabulary::Status::Paid,
        };
        let one = Sums { count: 1, ..Sums::default() };
        let left = Totals::from([(key("2026-11-20"), one), (key("2026-11-21"), one)]);
        let right = Totals::from([(key("2026-11-21"), one), (key("2026-11-22"), one)]);
        let differences = difference("the totals", &left, &right);
        let days: Vec<_> = differences.iter().map(|difference| difference.key.day.to_string()).collect();
        assert_eq!(days, ["2026-11-20", "2026-11-22"]);
        // A sum that came back to zero is as good as none.
        let zero = Totals::from([(key("2026-11-23"), Sums::default())]);
        assert!(difference("the totals", &zero, &Totals::new()).is_empty());
    }
}
