//! Payments that are open longer than they normally are, by provider.

use std::collections::{BTreeMap, BTreeSet};

use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::monitor::minute_of;
use paywarden_domain::provider::record::Stuck;
use paywarden_domain::time::Timestamp;
use paywarden_store::StoreError;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};

use crate::monitor::Monitor;

/// Minutes between two counts.
const EVERY_MINUTES: i64 = 5;

/// Stuck payments of one merchant that are counted; beyond it the numbers are "at least".
const PAGE: usize = 100;
const PAGES: usize = 10;

/// How many payments are stuck with each provider.
pub(crate) struct StuckCounts {
    counts: BTreeMap<ProviderId, u32>,
    /// Merchants who have more than were counted.
    cut: BTreeSet<MerchantId>,
}

impl StuckCounts {
    /// A provider's count.
    pub(crate) fn of(&self, provider: &Provider, now: Timestamp) -> Stuck {
        Stuck {
            count: self.counts.get(&provider.id).copied().unwrap_or_default(),
            at_least: self.cut.contains(&provider.merchant_id),
            at: now,
        }
    }
}

/// Whether this minute is one to count in.
pub(crate) fn is_due(now: Timestamp) -> bool {
    minute_of(now).rem_euclid(EVERY_MINUTES) == 0
}

impl Monitor {
    /// Counts, merchant by merchant, those who are stuck the longest first.
    pub(crate) async fn count_stuck(&self, providers: &[Provider]) -> Result<StuckCounts, StoreError> {
        let merchants: BTreeSet<&MerchantId> =
            providers.iter().map(|provider| &provider.merchant_id).collect();
        let mut counts = StuckCounts { counts: BTreeMap::new(), cut: BTreeSet::new() };
        for merchant in merchants {
            self.count_of(merchant, &mut counts).await?;
        }
        Ok(counts)
    }

    async fn count_of(&self, merchant: &MerchantId, counts: &mut StuckCounts) -> Result<(), StoreError> {
        let Merchant { shard_count, settings, .. } = self.merchants.get(merchant).await?;
        let filters = Filters { stuck: Some(settings.stuck), ..Filters::default() };
        let mut after = None;
        for _ in 0..PAGES {
            let page = self
                .transactions
                .list(&ListQuery {
                    merchant,
                    shard_count,
                    filters: &filters,
                    order: Order::Ascending,
                    limit: PAGE,
                    after,
                    now: self.clock.now(),
                })
                .await?;
            for provider in page.transactions.into_iter().filter_map(|transaction| transaction.provider) {
                let count = counts.counts.entry(provider.id).or_default();
                *count = count.saturating_add(1);
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
        counts.cut.insert(merchant.clone());
        Ok(())
    }
}
