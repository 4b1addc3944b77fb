//! The endpoint.

use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::search::{Among, providers, search};
use paywarden_store::reconciliation::FindingsPage;
use serde_json::{Value, json};

use crate::deps::Deps;
use crate::filters::{self, Asked};

/// Answers a page of what is looked for.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, filters::PARAMETERS)?;
    let limit = usize::from(query.limit()?);
    let asked = filters::read(&query, deps.clock.now())?;
    let binding = binding(&caller, &asked);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = find(deps, &caller, &asked, after, limit).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let shown: Vec<Value> = page.exceptions.iter().map(|exception| exception.to_json(&caller.zone)).collect();
    Answer::ok(&json!({"status": true, "exceptions": shown, "next_cursor": next_cursor}))
}

async fn find(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    after: Option<String>,
    limit: usize,
) -> Result<FindingsPage, Problem> {
    let Some(run) = &asked.run else {
        let providers = providers(&deps.providers, &caller.merchant_id, &asked.wanted).await?;
        let among = Among::Open(&caller.merchant_id, &providers);
        return Ok(search(&deps.table, among, &asked.wanted, after, limit).await?);
    };
    let run = deps.table.run_of(&caller.merchant_id, run).await?;
    let run = run.ok_or_else(|| Problem::unprocessable("run_id", "there is no such run"))?;
    Ok(search(&deps.table, Among::Run(&run.id), &asked.wanted, after, limit).await?)
}

/// What ties a cursor to its list.
fn binding(caller: &Caller, asked: &Asked) -> Listing {
    let wanted = &asked.wanted;
    Listing::new("find-exceptions/1", &caller.merchant_id)
        .with("run_id", &asked.run)
        .with("provider_id", &wanted.providers)
        .with("outcome", &wanted.outcome)
        .with("status", &wanted.statuses)
        .with("assignee", &wanted.assignee)
        .with("min_age_days", &asked.min_age_days)
        .with("amount_min", &wanted.amount.min.map(|amount| amount.to_string()))
        .with("amount_max", &wanted.amount.max.map(|amount| amount.to_string()))
}

#[cfg(test)]
mod tests;
