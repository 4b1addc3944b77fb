//! The endpoint.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::id::TransactionId;
use paywarden_domain::time::Clock;
use paywarden_domain::timeline::Subject;
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::timeline::Timeline;
use paywarden_store::transactions::Transactions;
use serde_json::{Value, json};

/// What the endpoint works with.
pub struct Deps {
    pub transactions: Transactions,
    pub timeline: Timeline,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
}

/// Answers a page of the timeline with the record it belongs to.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::LogsRead)?;
    let query = QueryReader::new(&request.query, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let id = request.path_id("id", TransactionId::parse)?;
    let transaction = deps.transactions.find(&id).await?;
    let transaction = transaction
        .filter(|transaction| transaction.merchant_id == caller.merchant_id)
        .ok_or_else(|| Problem::not_found("transaction"))?;
    let binding = format!("list-transaction-logs/1 {} {id}", caller.merchant_id);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = deps.timeline.list(&Subject::Transaction(id), limit, after.as_deref()).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let logs: Vec<Value> = page.entries.iter().map(|entry| entry.to_json(&caller.zone)).collect();
    let transaction = TransactionRecord::new(&transaction, &caller.zone);
    Answer::ok(&json!({"status": true, "transaction": transaction, "logs": logs, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
