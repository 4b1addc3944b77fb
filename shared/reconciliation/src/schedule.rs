//! Starting the runs that are due, by the providers' settlement.

use std::collections::BTreeMap;

use paywarden_domain::actor::Actor;
use paywarden_domain::id::MerchantId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::settlement::Settlement;
use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::run::{RunScope, Trigger};
use paywarden_domain::reconciliation::schedule::{closed_days, first_day};
use paywarden_domain::statement::Statement;
use paywarden_domain::time::{Day, Timestamp, days};
use paywarden_store::StoreError;
use paywarden_store::merchants::Merchants;
use paywarden_store::providers::Providers;
use paywarden_store::stores::{InvalidVariable, Stores};

use crate::start::{Started, Starter, covers, ids};

/// Days in which a statement came that a run may still need: the closed days that are looked at, and their windows.
const STATEMENT_DAYS: i64 = 60;

/// Starts what is due.
pub struct Scheduler {
    merchants: Merchants,
    providers: Providers,
    starter: Starter,
}

/// A provider and when its books close.
type Settled = (Provider, Settlement);

impl Scheduler {
    /// With what it takes from the hall.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn of(stores: &Stores) -> Result<Self, InvalidVariable> {
        Ok(Self {
            merchants: stores.merchants()?,
            providers: stores.providers()?,
            starter: Starter::of(stores)?,
        })
    }

    /// Starts what is due, merchant by merchant. One merchant's trouble is no other's: it is told in the log and tried
    /// again at the next tick.
    ///
    /// # Errors
    /// The last of the failures, when all is looked at.
    pub async fn run(&self) -> Result<(), StoreError> {
        let merchants = self.settled_by_merchant().await?;
        let now = self.starter.clock.now();
        let (mut begun, mut failure) = (0_usize, None);
        for (merchant_id, providers) in &merchants {
            match self.start_due(merchant_id, providers, now).await {
                Ok(count) => begun = begun.saturating_add(count),
                Err(error) => {
                    let (merchant_id, error_detail) = (merchant_id.as_str(), error.to_string());
                    tracing::error!(merchant_id, error_detail, "a merchant's runs failed");
                    failure = Some(error);
                }
            }
        }
        tracing::info!(merchants = merchants.len(), begun, "reconciliations scheduled");
        failure.map_or(Ok(()), Err)
    }

    /// All merchants that have a provider, with those of their providers whose books close some time.
    async fn settled_by_merchant(&self) -> Result<BTreeMap<MerchantId, Vec<Settled>>, StoreError> {
        let mut merchants: BTreeMap<MerchantId, Vec<Settled>> = BTreeMap::new();
        for provider in self.providers.all().await? {
            let settled = merchants.entry(provider.merchant_id.clone()).or_default();
            settled.extend(provider.settlement.clone().map(|settlement| (provider, settlement)));
        }
        Ok(merchants)
    }

    /// Starts the merchant's runs that are due; answers how many began.
    async fn start_due(
        &self,
        merchant_id: &MerchantId,
        providers: &[Settled],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        // Without a provider whose books close, they are looked at for those that are late alone.
        let looked_at = if providers.is_empty() { Statement::LATE_SECONDS.end } else { days(STATEMENT_DAYS) };
        let since = now.plus_seconds(0_i64.saturating_sub(looked_at));
        let statements = self.starter.table.statements_since(merchant_id, since).await?;
        tell_of_late(&statements, now);
        if statements.is_empty() || providers.is_empty() {
            return Ok(0);
        }
        let merchant = self.merchants.get(merchant_id).await?;
        let mut begun = 0_usize;
        for (provider, settlement) in providers {
            for day in closed_days(settlement, now) {
                if self.start_day(&merchant, provider, settlement, &statements, day).await? {
                    begun = begun.saturating_add(1);
                }
            }
        }
        Ok(begun)
    }

    /// Starts the run of a closed day, if a statement tells of that day; answers whether one began.
    async fn start_day(
        &self,
        merchant: &Merchant,
        provider: &Provider,
        settlement: &Settlement,
        statements: &[Statement],
        day: Day,
    ) -> Result<bool, StoreError> {
        let scope = |from| RunScope {
            merchant_id: merchant.id.clone(),
            provider_id: provider.id.clone(),
            from,
            until: day,
            as_of: Some(day),
            statement_ids: Vec::new(),
            rules: Rules::usual(provider, merchant),
            dry_run: false,
        };
        let of_day = scope(day);
        if !statements.iter().any(|statement| covers(statement, &of_day, &merchant.zone)) {
            return Ok(false);
        }
        let mut due = scope(first_day(settlement, day));
        let used: Vec<&Statement> =
            statements.iter().filter(|statement| covers(statement, &due, &merchant.zone)).collect();
        due.statement_ids = ids(&used);
        if used.len() > RunScope::MAX_STATEMENTS {
            tracing::error!(
                merchant_id = merchant.id.as_str(),
                provider_id = provider.id.as_str(),
                statements = used.len(),
                "a day has more statements than one run takes"
            );
            return Ok(false);
        }
        let started = self.starter.start(due, &used, Trigger::Schedule, Actor::Automation).await?;
        Ok(matches!(started, Started::Begun(_)))
    }
}

/// Nobody would miss a file that nothing told of.
fn tell_of_late(statements: &[Statement], now: Timestamp) {
    for statement in statements.iter().filter(|statement| statement.is_late(now)) {
        tracing::warn!(
            merchant_id = statement.merchant_id.as_str(),
            statement_id = statement.id.as_str(),
            metric = "statement_late",
            "a statement was announced an hour ago, and no file of it was read"
        );
    }
}
