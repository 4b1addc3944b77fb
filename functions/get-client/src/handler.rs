//! The endpoint.

use paywarden_domain::id::ClientId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the client, revoked or not.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", ClientId::parse)?;
    let client = deps.clients.find_of(&caller.merchant_id, &id).await?;
    let client = client.ok_or_else(|| Problem::not_found("client"))?;
    Answer::ok(&json!({"status": true, "client": client.to_json(&caller.zone, deps.clock.now())}))
}

#[cfg(test)]
mod tests;
