//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::id::RunId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::cancel::CancelError;
use serde_json::json;

use crate::deps::Deps;

/// Stops a run that still can be.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", RunId::parse)?;
    let stopped = deps.canceller.cancel(&caller.merchant_id, &id).await.map_err(|error| match error {
        CancelError::NoSuchRun => Problem::not_found("run"),
        CancelError::TooLate(_) => Problem::conflict("run_not_cancellable", error.to_string()),
        CancelError::Store(error) => error.into(),
    })?;
    let shown = stopped.to_json(&caller.zone);
    Ok(Answer::ok(&json!({"status": true, "run": shown}))?.with_change(Changed::to(shown)))
}

#[cfg(test)]
mod tests;
