//! The endpoint.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::id::{ProviderId, RunId};
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Cursors;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::finish::report_key;
use paywarden_store::objects::Objects;
use paywarden_store::reconciliation::Reconciliation;
use serde_json::{Value, json};

/// How long an address of a report is good.
const DOWNLOAD_SECONDS: u32 = 15 * 60;

/// What the endpoint works with.
pub struct Deps {
    pub table: Reconciliation,
    pub objects: Arc<dyn Objects>,
    pub cursors: Cursors,
    pub clock: Arc<dyn Clock>,
}

/// Answers runs, one run, or where its report is.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ReconciliationRead)?;
    if !request.path_parameters.contains_key("id") {
        return list(deps, &caller, &request).await;
    }
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", RunId::parse)?;
    let run = deps.table.run_of(&caller.merchant_id, &id).await?;
    let run = run.ok_or_else(|| Problem::not_found("run"))?;
    if request.path.ends_with("/report") {
        return report(deps, &caller, &run).await;
    }
    Answer::ok(&json!({"status": true, "run": run.to_json(&caller.zone)}))
}

/// A page of the runs, newest first. With filters, a page may hold fewer than were asked for.
async fn list(deps: &Deps, caller: &Caller, request: &ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["provider_id", "state", "limit", "cursor"])?;
    let provider = query.parsed("provider_id", ProviderId::parse)?;
    let states = query.words("state", RunState::parse)?;
    let binding = format!("list-runs/1 {} {provider:?} {states:?}", caller.merchant_id);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = deps.table.runs(&caller.merchant_id, after.as_deref(), query.limit()?).await?;
    let wanted = page.items.iter().filter(|run| {
        provider.as_ref().is_none_or(|provider| run.scope.provider_id == *provider)
            && (states.is_empty() || states.contains(&run.state))
    });
    let runs: Vec<Value> = wanted.map(|run| run.to_json(&caller.zone)).collect();
    Answer::ok(&json!({
        "status": true,
        "runs": runs,
        "next_cursor": deps.cursors.next(&binding, page.next.as_deref()).await?,
    }))
}

async fn report(deps: &Deps, caller: &Caller, run: &Run) -> Result<Answer, Problem> {
    if run.summary.is_none() {
        let message = format!("the run is {}, and has no report", run.state);
        return Err(Problem::conflict("no_report", message));
    }
    let scope = &run.scope;
    let file_name = format!("reconciliation-{}-{}-{}.csv", scope.from, scope.until, run.id);
    let url = deps.objects.download_url(&report_key(run), &file_name, DOWNLOAD_SECONDS).await?;
    let expires_at = deps.clock.now().plus_seconds(i64::from(DOWNLOAD_SECONDS));
    let expires_at = caller.zone.offset_text(expires_at);
    let report = json!({"url": url, "file_name": file_name, "expires_at": expires_at});
    Answer::ok(&json!({"status": true, "report": report}))
}

#[cfg(test)]
mod tests;
