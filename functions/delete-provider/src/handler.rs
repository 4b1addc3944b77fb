//! The endpoint.

use std::collections::BTreeSet;

use paywarden_domain::audit::Changed;
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::record::to_audit;
use paywarden_domain::provider::{Provider, ProviderStatus};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::transactions::list::{Filters, ListQuery, Order};
use serde_json::json;

use crate::deps::Deps;

/// How long it has to be INACTIVE before: until then a process that knows it from before may still give it a payment.
const QUIET_SECONDS: i64 = 60;

/// Deletes it, unless a payment or a callback would lose whose it is.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", ProviderId::parse)?;
    let stored = deps.keeper.find(&caller.merchant_id, &id).await?;
    let provider = stored.ok_or_else(|| Problem::not_found("provider"))?.provider;
    request.require_version(provider.version)?;
    if !is_out(deps, &provider) {
        let message = "set it INACTIVE first, and delete it a minute later";
        return Err(Problem::conflict("provider_not_inactive", message));
    }
    if is_needed(deps, &provider).await? {
        let message = "it carried payments or called back; leave it INACTIVE, so that they stay its own";
        return Err(Problem::conflict("provider_in_use", message));
    }
    deps.keeper.delete(&provider, caller.actor()).await?;
    let change = Changed::from(to_audit(&provider, &caller.zone));
    Ok(Answer::ok(&json!({"status": true}))?.with_change(change))
}

/// Whether nobody gives it payments any more.
fn is_out(deps: &Deps, provider: &Provider) -> bool {
    let standing = &provider.standing;
    standing.status == ProviderStatus::Inactive && standing.at.plus_seconds(QUIET_SECONDS) <= deps.clock.now()
}

/// Whether a payment is bound to it, or it was heard of.
async fn is_needed(deps: &Deps, provider: &Provider) -> Result<bool, StoreError> {
    if deps.health.observed(&provider.id).await?.last_activity.is_some() {
        return Ok(true);
    }
    let merchant = deps.merchants.get(&provider.merchant_id).await?;
    let filters = Filters { providers: BTreeSet::from([provider.id.clone()]), ..Filters::default() };
    let query = ListQuery {
        merchant: &merchant.id,
        shard_count: merchant.shard_count,
        filters: &filters,
        order: Order::Ascending,
        limit: 1,
        after: None,
        now: deps.clock.now(),
    };
    let carried = deps.transactions.list(&query).await?;
    Ok(!carried.transactions.is_empty() || carried.next.is_some())
}

#[cfg(test)]
mod tests;
