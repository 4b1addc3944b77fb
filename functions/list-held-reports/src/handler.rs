//! The endpoint.

use paywarden_domain::id::TransactionId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers everything that is or was held on the transaction.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", TransactionId::parse)?;
    let found = deps.transactions.find_of(&caller.merchant_id, &id).await?;
    let transaction = found.ok_or_else(|| Problem::not_found("transaction"))?;
    Answer::ok(&json!({"status": true, "held_reports": transaction.held_answer(&caller.zone)}))
}

#[cfg(test)]
mod tests;
