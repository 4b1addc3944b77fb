//! The endpoint.

use paywarden_domain::id::RunId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Answers the run as it is now, and how far its shards are.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", RunId::parse)?;
    let run = deps.table.run_of(&caller.merchant_id, &id).await?;
    let run = run.ok_or_else(|| Problem::not_found("run"))?;
    let done = deps.table.shard_results(&run).await?;
    let progress = run.progress(&done).map(|progress| progress.to_json());
    Answer::ok(&json!({"status": true, "run": run.to_json(&caller.zone), "progress": progress}))
}

#[cfg(test)]
mod tests;
