//! The endpoint.

use paywarden_domain::id::{EndpointId, ReplayId};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the replay as it is now.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let endpoint = request.path_id("id", EndpointId::parse)?;
    let id = request.path_id("replay_id", ReplayId::parse)?;
    let found = deps.replays.find(&endpoint, &id).await?;
    let replay = found.filter(|replay| replay.merchant_id == caller.merchant_id);
    let replay = replay.ok_or_else(|| Problem::not_found("replay"))?;
    Answer::ok(&json!({"status": true, "replay": replay.to_json(&caller.zone)}))
}

#[cfg(test)]
mod tests;
