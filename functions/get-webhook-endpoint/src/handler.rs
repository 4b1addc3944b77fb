//! The endpoint.

use paywarden_domain::id::EndpointId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the endpoint, told or not.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", EndpointId::parse)?;
    let stored = deps.endpoints.find(&caller.merchant_id, &id).await?;
    let endpoint = stored.ok_or_else(|| Problem::not_found("webhook endpoint"))?.endpoint;
    let shown = deps.view.show(&endpoint, &caller.zone).await?;
    let answer = Answer::ok(&json!({"status": true, "webhook_endpoint": shown}))?;
    Ok(answer.with_version(endpoint.version))
}

#[cfg(test)]
mod tests;
