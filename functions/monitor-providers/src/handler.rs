//! One run.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::monitor::{StatusDecision, step};
use paywarden_domain::provider::record::Stuck;
use paywarden_domain::provider::{Actor, Provider};
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::worker::WorkerError;
use paywarden_store::StoreError;
use paywarden_store::health::Health;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::transactions::Transactions;

use crate::stuck::{self, StuckCounts};

/// Providers that are looked at at the same time.
const CONCURRENCY: usize = 8;

/// What the function works with.
pub struct Deps {
    pub merchants: Merchants,
    pub providers: Providers,
    pub health: Health,
    pub transactions: Transactions,
    pub clock: Arc<dyn Clock>,
}

/// Looks at every provider once.
pub async fn handle(deps: &Deps) -> Result<(), WorkerError> {
    let providers = deps.providers.all().await?;
    let counts =
        if stuck::is_due(deps.clock.now()) { Some(stuck::count(deps, &providers).await?) } else { None };
    let looks = providers.iter().map(|provider| look_at(deps, provider, counts.as_ref())).collect::<Vec<_>>();
    let changed: Vec<bool> = futures::stream::iter(looks).buffer_unordered(CONCURRENCY).try_collect().await?;
    let changed = changed.into_iter().filter(|changed| *changed).count();
    tracing::info!(providers = providers.len(), changed, "providers monitored");
    Ok(())
}

/// Takes in what happened and carries out what follows. Answers whether the status changed.
async fn look_at(deps: &Deps, provider: &Provider, counts: Option<&StuckCounts>) -> Result<bool, StoreError> {
    let now = deps.clock.now();
    let memory = deps.health.memory(&provider.id).await?.unwrap_or_default();
    let news = deps.health.minutes(&provider.id, memory.seen_until).await?;
    let (mut next, decision) = step(&memory, &provider.standing, &news, now);
    if let Some(counts) = counts {
        next.stuck = Some(counts.of(provider, now)).filter(|stuck| is_news(memory.stuck, *stuck));
        next.stuck = next.stuck.or(memory.stuck);
    }
    let changed = match &decision {
        Some(decision) => carry_out(deps, provider, decision).await?,
        None => false,
    };
    if next != memory {
        deps.health.remember(&provider.id, &next).await?;
    }
    Ok(changed)
}

/// A count of nothing that was nothing before is not worth a write, so that idle providers cost none.
fn is_news(before: Option<Stuck>, now: Stuck) -> bool {
    now.count > 0 || before.is_some_and(|before| before.count > 0)
}

/// Changes the status, unless somebody changed the provider since it was read: the next run sees what it is then.
async fn carry_out(deps: &Deps, provider: &Provider, decision: &StatusDecision) -> Result<bool, StoreError> {
    let stored = deps.providers.find_latest(&provider.merchant_id, &provider.id).await?;
    let Some(stored) = stored.filter(|stored| stored.provider.version == provider.version) else {
        return Ok(false);
    };
    let now = deps.clock.now();
    let new = Provider { standing: decision.standing(now), ..provider.clone() }.changed(now);
    let change = Change::between(Some(provider), &new, Actor::Automation, Some(&decision.numbers));
    let next = StoredProvider { provider: new, sealed_credentials: stored.sealed_credentials };
    match deps.providers.replace(&next, provider.version, &change).await {
        Ok(()) => {
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

#[cfg(test)]
mod tests;
