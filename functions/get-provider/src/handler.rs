//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the provider as it is now.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", ProviderId::parse)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let provider = stored.ok_or_else(|| Problem::not_found("provider"))?.provider;
    let shown = deps.view.show(&provider, &caller.zone, &deps.public_url.of(&request, ""), None).await?;
    Ok(Answer::ok(&json!({"status": true, "provider": shown}))?.with_version(provider.version))
}

#[cfg(test)]
mod tests;
