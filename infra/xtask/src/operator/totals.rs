//! Are the running totals the sum of the transactions? Both are read anew; while payments are under way the totals
//! follow the transactions within seconds, so a difference is looked at a few times before it is believed.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::bail;
use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::{Clock, Day};
use paywarden_domain::totals::{Sums, Totals, TotalsKey, contribution, merge};
use paywarden_lambda_kit::system::SystemClock;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};

use super::Operator;

/// Times a difference is looked at again.
const LOOKS: u32 = 5;

/// Rows read at a time.
const PAGE: usize = 500;

/// Compares, prints what differs, and fails if anything does.
pub async fn compare(operator: &Operator, id: &MerchantId) -> anyhow::Result<()> {
    let merchant = operator.merchant(id).await?;
    let mut differences = Vec::new();
    for look in 0..LOOKS {
        let (transactions, computed) = compute(operator, &merchant).await?;
        let stored = stored(operator, &merchant, &computed).await?;
        differences = difference(&computed, &stored);
        if differences.is_empty() {
            println!("{} sums of {transactions} transactions are as they should be", computed.len());
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(u64::from(look))).await;
    }
    for (key, computed, stored) in &differences {
        println!(
            "{} {} {} {}: transactions add up to {computed:?}, the totals say {stored:?}",
            key.day, key.currency, key.method, key.status
        );
    }
    bail!("{} sums differ", differences.len())
}

/// Adds up all transactions of a merchant.
async fn compute(operator: &Operator, merchant: &Merchant) -> anyhow::Result<(usize, Totals)> {
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
        let page = operator.transactions.list(&query).await?;
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

/// The totals of every year that a transaction is in, and of this one.
async fn stored(operator: &Operator, merchant: &Merchant, computed: &Totals) -> anyhow::Result<Totals> {
    let today = merchant.zone.day_of(SystemClock.now());
    let first = computed.keys().map(|key| key.day).min().unwrap_or(today).min(today);
    let last = computed.keys().map(|key| key.day).max().unwrap_or(today).max(today);
    let (from, until) = (year_of(first, "01-01")?, year_of(last, "12-31")?);
    Ok(operator.totals.list(&merchant.id, merchant.shard_count, from, until).await?)
}

fn year_of(day: Day, month_and_day: &str) -> anyhow::Result<Day> {
    let year: String = day.to_string().chars().take(4).collect();
    Ok(Day::parse(&format!("{year}-{month_and_day}"))?)
}

/// Every sum that is not the same on both sides; a missing one is zero.
fn difference(computed: &Totals, stored: &Totals) -> Vec<(TotalsKey, Sums, Sums)> {
    let keys: BTreeSet<&TotalsKey> = computed.keys().chain(stored.keys()).collect();
    let sums = |totals: &Totals, key: &TotalsKey| totals.get(key).copied().unwrap_or_default();
    let pairs = keys.into_iter().map(|key| (key.clone(), sums(computed, key), sums(stored, key)));
    pairs.filter(|(_, computed, stored)| computed != stored).collect()
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
        let days: Vec<_> =
            difference(&left, &right).into_iter().map(|(key, ..)| key.day.to_string()).collect();
        assert_eq!(days, ["2026-11-20", "2026-11-22"]);
        // A sum that came back to zero is as good as none.
        let zero = Totals::from([(key("2026-11-23"), Sums::default())]);
        assert!(difference(&zero, &Totals::new()).is_empty());
    }
}
