//! Watching: failing providers are taken out of routing, and let in again.

use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::monitor::{Memory, StatusDecision, step};
use paywarden_domain::provider::record::Stuck;
use paywarden_domain::time::Clock;
use paywarden_store::health::Health;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::Transactions;
use paywarden_store::{StoreError, passing_over};

use crate::keeper::Keeper;
use crate::stuck::{self, StuckCounts};

/// Providers that are looked at at the same time.
const CONCURRENCY: usize = 8;

/// Watches providers.
pub struct Monitor {
    pub(crate) merchants: Merchants,
    keeper: Keeper,
    health: Health,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Monitor {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            keeper: Keeper::of(stores)?,
            health: stores.health()?,
            transactions: stores.transactions()?,
            clock: stores.clock(),
        })
    }

    /// Looks at every provider once.
    ///
    /// # Errors
    /// [`StoreError`]; the next run takes in what this one did not.
    pub async fn run(&self) -> Result<(), StoreError> {
        let providers = self.keeper.providers.all().await?;
        let is_due = stuck::is_due(self.clock.now());
        let counts = if is_due { Some(self.count_stuck(&providers).await?) } else { None };
        let looks: Vec<_> =
            providers.iter().map(|provider| self.look_at(provider, counts.as_ref())).collect();
        let (mut changed, mut failure): (usize, _) = (0, None);
        let looks = futures::stream::iter(looks).buffer_unordered(CONCURRENCY);
        for looked in looks.collect::<Vec<_>>().await {
            match passing_over(looked) {
                Ok(has_changed) => changed = changed.saturating_add(usize::from(has_changed)),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        tracing::info!(providers = providers.len(), changed, "providers monitored");
        failure.map_or(Ok(()), Err)
    }

    /// Takes in what happened and carries out what follows. Answers whether the status changed.
    async fn look_at(&self, provider: &Provider, counts: Option<&StuckCounts>) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let memory = self.health.memory(&provider.id).await?.unwrap_or_default();
        let news = self.health.minutes(&provider.id, memory.seen_until).await?;
        let (mut next, decision) = step(&memory, &provider.standing, &news, now);
        if let Some(counts) = counts {
            next.stuck = Some(counts.of(provider, now)).filter(|stuck| is_news(memory.stuck, *stuck));
            next.stuck = next.stuck.or(memory.stuck);
        }
        if let Some(decision) = &decision {
            return self.carry_out(provider, decision, &next).await;
        }
        if next != memory {
            self.health.remember(&provider.id, &next).await?;
        }
        Ok(false)
    }

    /// Changes the status and remembers having decided so, in one write: a process that died in between would count the
    /// checks behind the decision for the next one too. If somebody changed the provider since it was read, neither is done:
    /// the next run sees what it is then, and takes these minutes in again.
    async fn carry_out(
        &self,
        provider: &Provider,
        decision: &StatusDecision,
        next: &Memory,
    ) -> Result<bool, StoreError> {
        let stored = self.keeper.find(&provider.merchant_id, &provider.id).await?;
        let Some(stored) = stored.filter(|stored| stored.provider.version == provider.version) else {
            return Ok(false);
        };
        let standing = decision.standing(self.clock.now());
        let memory = self.health.remembering(&provider.id, next);
        match self.keeper.set_standing(stored, standing, Some((&decision.numbers, memory))).await {
            Ok(_) => {
                tracing::warn!(
                    merchant_id = provider.merchant_id.as_str(),
                    provider_id = provider.id.as_str(),
                    status = decision.status.as_str(),
                    reason = decision.reason,
                    numbers = decision.numbers.to_string(),
                    metric = "provider_status_changed",
                    "provider's status changed by monitoring"
                );
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A count of nothing that was nothing before is not worth a write, so that idle providers cost none.
fn is_news(before: Option<Stuck>, now: Stuck) -> bool {
    now.count > 0 || before.is_some_and(|before| before.count > 0)
}
