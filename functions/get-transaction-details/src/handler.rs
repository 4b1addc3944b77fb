//! The endpoint.

use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::status_answer::StatusId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the transaction that the id names, with what is held on it and the tries to pay it.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", |text| StatusId::parse(text).ok_or(EXPECTED))?;
    let found = deps.transactions.find_of(&caller.merchant_id, &id.transaction_id).await?;
    let transaction = found.filter(|transaction| id.fits(transaction.method));
    let transaction = transaction.ok_or_else(|| Problem::not_found("transaction"))?;
    Answer::ok(&json!({
        "status": true,
        "transaction": TransactionRecord::new(&transaction, &caller.zone),
        "held_reports": transaction.held_answer(&caller.zone),
        "attempts": transaction.attempts_answer(&caller.zone),
    }))
}

const EXPECTED: &str = "expected tra_ or a prefix of the status API, such as QR_, and 26 characters";

#[cfg(test)]
mod tests;
