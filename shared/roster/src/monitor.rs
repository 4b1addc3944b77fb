//! Watching: failing providers are taken out of routing, and let in again.

use std::sync::Arc;

use futures::StreamExt;
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::monitor::{Excuse, Memory, StatusDecision, Thresholds, Voices};
use paywarden_domain::provider::record::Stuck;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::health::Health;
use paywarden_store::merchants::Merchants;
use paywarden_store::stores::{InvalidVariable, Stores};
use paywarden_store::transactions::Transactions;
use paywarden_store::{StoreError, passing_over};

use crate::keeper::Keeper;
use crate::stuck::{self, StuckCounts};

/// Providers that are looked at at the same time.
const CONCURRENCY: usize = 8;

/// What is known of one provider before anything is decided.
struct Look<'a> {
    provider: &'a Provider,
    /// From when on its merchant finds that it is in trouble.
    thresholds: Thresholds,
    /// What was remembered before.
    before: Memory,
    /// The same, with what happened since.
    heard: Memory,
}

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

    /// Looks at every provider once: at all of them first, because one's silence is held against the others.
    ///
    /// # Errors
    /// [`StoreError`]; the next run takes in what this one did not.
    pub async fn run(&self) -> Result<(), StoreError> {
        let providers = self.keeper.providers.all().await?;
        let is_due = stuck::is_due(self.clock.now());
        let counts = if is_due { Some(self.count_stuck(&providers).await?) } else { None };
        let mut failure = None;
        let looks: Vec<_> = providers.iter().map(|provider| self.look_at(provider)).collect();
        let looks = in_company(looks, &mut failure).await;
        let now = self.clock.now();
        let mut voices = Voices::default();
        for look in &looks {
            if let Some(voice) = look.heard.voice(&look.provider.standing, &look.thresholds, now) {
                voices.add(look.provider, voice);
            }
        }
        let ends: Vec<_> =
            looks.iter().map(|look| self.conclude(look, &voices, counts.as_ref(), now)).collect();
        let changed = in_company(ends, &mut failure).await.into_iter().filter(|changed| *changed).count();
        tracing::info!(providers = providers.len(), changed, "providers monitored");
        failure.map_or(Ok(()), Err)
    }

    /// Takes in what happened.
    async fn look_at<'a>(&self, provider: &'a Provider) -> Result<Look<'a>, StoreError> {
        let thresholds = self.merchants.get(&provider.merchant_id).await?.settings.monitoring;
        let before = self.health.memory(&provider.id).await?.unwrap_or_default();
        let news = self.health.minutes(&provider.id, before.seen_until).await?;
        let heard = before.take_in(&provider.standing, &news, self.clock.now());
        Ok(Look { provider, thresholds, before, heard })
    }

    /// Carries out what follows. Answers whether the status changed.
    async fn conclude(
        &self,
        look: &Look<'_>,
        voices: &Voices,
        counts: Option<&StuckCounts>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Look { provider, thresholds, before, heard } = look;
        let company = voices.company_of(provider);
        let (mut next, decision) = heard.decide(&provider.standing, company, thresholds, now);
        if let Some(counts) = counts {
            next.stuck = Some(counts.of(provider, now)).filter(|stuck| is_news(before.stuck, *stuck));
            next.stuck = next.stuck.or(before.stuck);
        }
        tell_excuse(provider, &next);
        if let Some(decision) = &decision {
            return self.carry_out(provider, decision, &next).await;
        }
        if next != *before {
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

/// Does something for several providers side by side. One that cannot be read is passed over; another failure is kept.
async fn in_company<T>(
    works: Vec<impl Future<Output = Result<T, StoreError>>>,
    failure: &mut Option<StoreError>,
) -> Vec<T> {
    let done: Vec<_> = futures::stream::iter(works).buffer_unordered(CONCURRENCY).collect().await;
    let mut answers = Vec::new();
    for result in done {
        match passing_over(result.map(Some)) {
            Ok(answer) => answers.extend(answer),
            Err(error) => *failure = failure.take().or(Some(error)),
        }
    }
    answers
}

/// A silence that is held against nobody is what somebody has to look into: callbacks may not reach us.
fn tell_excuse(provider: &Provider, memory: &Memory) {
    // That nobody sells anything is nobody's fault.
    if let Some(excuse) = memory.excused.filter(|excuse| *excuse != Excuse::NothingToSay) {
        tracing::warn!(
            merchant_id = provider.merchant_id.as_str(),
            provider_id = provider.id.as_str(),
            excuse = excuse.as_str(),
            metric = "silence_excused",
            "provider is silent, and is left in routing"
        );
    }
}

/// A count of nothing that was nothing before is not worth a write, so that idle providers cost none.
fn is_news(before: Option<Stuck>, now: Stuck) -> bool {
    now.count > 0 || before.is_some_and(|before| before.count > 0)
}
