//! The endpoint.

use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page, oldest first: ids are in the order of creation.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["limit", "cursor"])?;
    let limit = usize::from(query.limit()?);
    let binding = Listing::new("list-clients/1", &caller.merchant_id);
    let after = deps.cursors.position(&query, &binding).await?;
    let (clients, last) = deps.clients.list(&caller.merchant_id, after.as_deref(), limit).await?;
    let next_cursor = deps.cursors.next(&binding, last.as_deref()).await?;
    let now = deps.clock.now();
    let clients: Vec<Value> = clients.iter().map(|client| client.to_json(&caller.zone, now)).collect();
    Answer::ok(&json!({"status": true, "clients": clients, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
