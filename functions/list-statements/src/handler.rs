//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page of the statements. With a provider given, a page may hold fewer than were asked for.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["provider_id", "limit", "cursor"])?;
    let provider = query.parsed("provider_id", ProviderId::parse)?;
    let binding = Listing::new("list-statements/1", &caller.merchant_id).with("provider_id", &provider);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = deps.table.statements(&caller.merchant_id, after.as_deref(), query.limit()?).await?;
    let wanted = page
        .items
        .iter()
        .filter(|statement| provider.as_ref().is_none_or(|provider| statement.provider_id == *provider));
    let statements: Vec<Value> = wanted.map(|statement| statement.to_json(&caller.zone)).collect();
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    Answer::ok(&json!({"status": true, "statements": statements, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
