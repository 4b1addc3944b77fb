//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::id::EndpointId;
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::EndpointStatus;
use paywarden_domain::webhook::replay::Selection;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_webhooks::replay::ReplayError;
use serde_json::json;

use crate::deps::Deps;
use crate::input;

/// Counts deliveries, and sends them again unless that was all that is wanted.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", EndpointId::parse)?;
    let asked = input::read(&request.json()?, &caller.zone, deps.clock.now())?;
    let stored = deps.endpoints.find(&caller.merchant_id, &id).await?;
    let endpoint = stored.ok_or_else(|| Problem::not_found("webhook endpoint"))?.endpoint;
    if endpoint.status == EndpointStatus::Disabled && !asked.dry_run {
        let message = "it is switched off, and told nothing: expected an endpoint that is not DISABLED";
        return Err(Problem::conflict("endpoint_disabled", message));
    }
    let selection = narrowed(deps, &caller, asked.selection).await?;
    let counted = deps.keeper.count(&endpoint.id, &selection).await.map_err(problem)?;
    if asked.dry_run {
        return Answer::ok(&json!({"status": true, "counted": counted}));
    }
    let replay = deps.keeper.begin(&endpoint, selection, counted).await?;
    let shown = replay.to_json(&caller.zone);
    Ok(Answer::created(&json!({"status": true, "replay": shown}))?.with_change(Changed::to(shown)))
}

/// A transaction's deliveries are looked for while it lived: nothing else of the endpoint needs to be looked at.
async fn narrowed(deps: &Deps, caller: &Caller, selection: Selection) -> Result<Selection, Problem> {
    let Some(id) = &selection.transaction_id else {
        return Ok(selection);
    };
    let transaction = deps
        .transactions
        .find_of(&caller.merchant_id, id)
        .await?
        .ok_or_else(|| Problem::unprocessable("transaction_id", "expected one of your transactions"))?;
    let (began, changed) = (transaction.created_at, transaction.updated_at.unwrap_or(transaction.created_at));
    let end = changed.plus_seconds(1);
    Ok(Selection {
        from: Some(selection.from.map_or(began, |from: Timestamp| from.max(began))),
        until: Some(selection.until.map_or(end, |until| until.min(end))),
        ..selection
    })
}

fn problem(error: ReplayError) -> Problem {
    match error {
        ReplayError::TooMany => Problem::unprocessable("from", error.to_string()),
        ReplayError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
