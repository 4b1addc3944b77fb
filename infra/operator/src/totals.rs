//! Are the running totals, and the rows of the ledger, the sum of the transactions? All are read anew; while payments are
//! under way they follow the transactions within seconds, so a difference is looked at a few times before it is believed.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::bail;
use paywarden_domain::id::MerchantId;
use paywarden_domain::ledger::{LedgerRow, Movement, Side};
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
        let (transactions, computed) = compute(stage, &merchant).await?;
        let days = days(&merchant, &computed)?;
        let shards = merchant.shard_count;
        let stored = stage.totals.list(&merchant.id, shards, days.0, days.1).await?;
        let rows = sums_of_ledger(stage, &merchant, days).await?;
        differences = difference("the totals", &computed, &stored);
        differences.extend(difference("the ledger's rows", &computed, &rows));
        if differences.is_empty() {
            println!("{} sums of {transactions} transactions are as they should be", computed.len());
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(u64::from(look))).await;
    }
    for Difference { whose, key, computed, stored } in &differences {
        println!(
            "{} {} {} {}: transactions add up to {computed:?}, {whose} say {stored:?}",
            key.day, key.currency, key.method, key.status
        );
    }
    bail!("{} sums differ", differences.len())
}

/// Adds up all transactions of a merchant.
async fn compute(stage: &Stage, merchant: &Merchant) -> anyhow::Result<(usize, Totals)> {
    let (filters, mut after, mut count, mut totals) = (Filters::default(), None, 0_usize, Totals::new());
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
        count = count.saturating_add(page.transactions.len());
        for transaction in &page.transactions {
            merge(&mut totals, contribution(transaction));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok((count, totals)),
        }
    }
}

/// Every day of the years that a transaction is in, and of this one.
fn days(merchant: &Merchant, computed: &Totals) -> anyhow::Result<(Day, Day)> {
    let today = merchant.zone.day_of(SystemClock.now());
    let first = computed.keys().map(|key| key.day).min().unwrap_or(today).min(today);
    let last = computed.keys().map(|key| key.day).max().unwrap_or(today).max(today);
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
    let sums = match movement.side {
        Side::Debit => Sums { debit: movement.amount, count: 1, ..Sums::default() },
        Side::Credit => Sums { credit: movement.amount, count: 1, ..Sums::default() },
    };
    (key, sums)
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
