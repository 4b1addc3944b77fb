//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::change::Change;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page of the provider's history.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let id = request.path_id("id", ProviderId::parse)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let provider = stored.ok_or_else(|| Problem::not_found("provider"))?.provider;
    let binding = Listing::new("provider-history/1", &caller.merchant_id).with("id", &provider.id);
    let position = deps.cursors.position(&query, &binding).await?;
    // Only this endpoint seals its cursors, so a position that is no version cannot come up.
    let before = position.and_then(|position| position.parse().ok());
    let page = deps.providers.history(&provider.id, before, limit).await?;
    let next = page.next.map(|version| version.to_string());
    let next_cursor = deps.cursors.next(&binding, next.as_deref()).await?;
    let changes: Vec<Value> =
        page.changes.iter().map(|change: &Change| change.to_json(&caller.zone)).collect();
    Answer::ok(&json!({"status": true, "history": changes, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
