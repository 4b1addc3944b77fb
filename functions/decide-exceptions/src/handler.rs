//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::bulk::BulkError;
use serde_json::json;

use crate::deps::Deps;
use crate::input;

/// Answers how many are covered, how many were decided, and how many are left to decide.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let body = request.json()?;
    let asked = input::read(&body, deps.clock.now())?;
    let among = (asked.run.as_ref(), &asked.wanted);
    let decided = deps.decider.decide(&caller.merchant_id, among, &asked.decision, &caller.actor()).await;
    let decided = decided.map_err(problem)?;
    let is_dry_run = asked.decision.expected.is_none();
    let answer = Answer::ok(&json!({
        "status": true,
        "dry_run": is_dry_run,
        "count": decided.covered,
        "decided": decided.decided,
        "remaining": decided.covered.saturating_sub(decided.decided),
    }))?;
    let change = Changed::to(json!({"asked": body, "decided": decided.decided}));
    Ok(if is_dry_run { answer } else { answer.with_change(change) })
}

fn problem(error: BulkError) -> Problem {
    match error {
        BulkError::NoSuchRun => Problem::unprocessable("filter.run_id", error.to_string()),
        BulkError::TooMany => Problem::unprocessable("filter", error.to_string()),
        BulkError::Otherwise { .. } => Problem::conflict("count_changed", error.to_string()),
        BulkError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
