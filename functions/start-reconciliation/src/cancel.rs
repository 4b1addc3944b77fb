//! Stopping a run.

use paywarden_domain::id::RunId;
use paywarden_domain::reconciliation::run::RunState;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use serde_json::json;

use crate::handler::Deps;

/// Times it is decided anew because a step moved the run on.
const ATTEMPTS: usize = 4;

/// Stops a run that still can be; stopping it again changes nothing.
pub async fn handle(deps: &Deps, caller: &Caller, request: &ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", RunId::parse)?;
    for _ in 0..ATTEMPTS {
        let run = deps.starter.table.run_of(&caller.merchant_id, &id).await?;
        let run = run.ok_or_else(|| Problem::not_found("run"))?;
        if run.state == RunState::Cancelled {
            return Answer::ok(&json!({"status": true, "run": run.to_json(&caller.zone)}));
        }
        let stopped = run.cancel(deps.starter.clock.now()).map_err(|refused| {
            let message = format!("the run is {}, and cannot be stopped any more", refused.from);
            Problem::conflict("run_not_cancellable", message)
        })?;
        match deps.starter.table.replace_run(&stopped).await {
            Ok(()) => return Answer::ok(&json!({"status": true, "run": stopped.to_json(&caller.zone)})),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
