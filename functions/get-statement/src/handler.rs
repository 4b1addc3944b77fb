//! The endpoint.

use paywarden_domain::id::StatementId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the statement with its parse report.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", StatementId::parse)?;
    let statement = deps.table.statement(&caller.merchant_id, &id).await?;
    let statement = statement.ok_or_else(|| Problem::not_found("statement"))?;
    Answer::ok(&json!({"status": true, "statement": statement.to_json(&caller.zone)}))
}

#[cfg(test)]
mod tests;
