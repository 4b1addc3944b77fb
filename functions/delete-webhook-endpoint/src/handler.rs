//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::id::EndpointId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Deletes it, whatever it was told.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", EndpointId::parse)?;
    let stored = deps.keeper.find(&caller.merchant_id, &id).await?;
    let endpoint = stored.ok_or_else(|| Problem::not_found("webhook endpoint"))?.endpoint;
    request.require_version(endpoint.version)?;
    deps.keeper.delete(&endpoint).await?;
    deps.release.ask(&endpoint).await?;
    let change = Changed::from(endpoint.to_json(&caller.zone));
    Ok(Answer::ok(&json!({"status": true}))?.with_change(change))
}

#[cfg(test)]
mod tests;
