//! The endpoint.

use paywarden_domain::webhook::Endpoint;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers a page, oldest first. A merchant has few endpoints, so all are read and the page is cut here; ids are in
/// order of creation, so the last one shown is the position.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["limit", "cursor"])?;
    let limit = usize::from(query.limit()?);
    let binding = Listing::new("list-webhook-endpoints/1", &caller.merchant_id);
    let after = deps.cursors.position(&query, &binding).await?.unwrap_or_default();
    let stored = deps.endpoints.list(&caller.merchant_id).await?.into_iter();
    let mut rest: Vec<Endpoint> = stored.map(|stored| stored.endpoint).collect();
    rest.retain(|endpoint| endpoint.id.as_str() > after.as_str());
    let more = rest.len() > limit;
    rest.truncate(limit);
    let last = rest.last().filter(|_| more).map(|endpoint| endpoint.id.as_str());
    let next_cursor = deps.cursors.next(&binding, last).await?;
    let endpoints = deps.view.show_each(&caller.merchant_id, &rest, &caller.zone).await?;
    Answer::ok(&json!({"status": true, "webhook_endpoints": endpoints, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
