//! The endpoint.

use paywarden_domain::provider::Provider;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::fees::{Checks, check, differing};
use paywarden_store::StoreError;
use serde_json::{Value, json};

use crate::deps::Deps;
use crate::filters::{self, Asked};
use crate::shown;

/// Answers the sums of the month, and a page of the exceptions behind what differs.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, filters::PARAMETERS)?;
    let limit = usize::from(query.limit()?);
    let asked = filters::read(&query, &caller.zone, deps.clock.now())?;
    let binding = binding(&caller, &asked);
    let after = deps.cursors.position(&query, &binding).await?;
    let (providers, checks) = checks(deps, &caller, &asked).await?;
    let of = (asked.service, &caller.zone);
    let page = differing(&deps.table, &checks, of, after.as_deref(), limit).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let checked = || providers.iter().filter_map(|provider| Some((provider, checks.get(&provider.id)?)));
    let coverage: Vec<Value> = checked().map(|(provider, check)| shown::coverage(provider, check)).collect();
    let fees = checked().flat_map(|(provider, check)| shown::by_service(provider, check, asked.service));
    Answer::ok(&json!({
        "status": true,
        "month": asked.month,
        "time_zone": caller.zone.name(),
        "providers": coverage,
        "fees": fees.collect::<Vec<_>>(),
        "rows": page.rows.iter().map(|row| shown::row(row, &caller.zone)).collect::<Vec<_>>(),
        "next_cursor": next_cursor,
    }))
}

/// The merchant's providers that are asked for, and what runs counted of their month.
async fn checks(deps: &Deps, caller: &Caller, asked: &Asked) -> Result<(Vec<Provider>, Checks), StoreError> {
    let mut providers = deps.providers.list(&caller.merchant_id).await?;
    providers.retain(|provider| asked.providers.is_empty() || asked.providers.contains(&provider.id));
    let mut checks = Checks::new();
    for provider in &providers {
        let own = check(&deps.table, &caller.merchant_id, &provider.id, &asked.month).await?;
        checks.insert(provider.id.clone(), own);
    }
    Ok((providers, checks))
}

/// What ties a cursor to its list.
fn binding(caller: &Caller, asked: &Asked) -> Listing {
    Listing::new("check-fees/1", &caller.merchant_id)
        .with("month", &asked.month)
        .with("provider_id", &asked.providers)
        .with("service", &asked.service)
}

#[cfg(test)]
mod tests;
