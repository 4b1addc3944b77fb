//! The endpoint.

use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the merchant of the token.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let found = deps.merchants.find_latest(&caller.merchant_id).await?;
    let merchant = found.ok_or_else(|| Problem::not_found("merchant"))?;
    let answer = Answer::ok(&json!({"status": true, "merchant": merchant.to_json()}))?;
    Ok(answer.with_version(merchant.version))
}

#[cfg(test)]
mod tests;
