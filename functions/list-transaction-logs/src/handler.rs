//! The endpoint.

use paywarden_domain::id::TransactionId;
use paywarden_domain::timeline::Subject;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page of the timeline with the record it belongs to.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let id = request.path_id("id", TransactionId::parse)?;
    let transaction = deps.transactions.find_of(&caller.merchant_id, &id).await?;
    let transaction = transaction.ok_or_else(|| Problem::not_found("transaction"))?;
    let binding = Listing::new("list-transaction-logs/1", &caller.merchant_id).with("id", &id);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = deps.timeline.list(&Subject::Transaction(id), limit, after.as_deref()).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let logs: Vec<Value> = page.entries.iter().map(|entry| entry.to_json(&caller.zone)).collect();
    let transaction = TransactionRecord::new(&transaction, &caller.zone);
    Answer::ok(&json!({"status": true, "transaction": transaction, "logs": logs, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
