//! The endpoint.

use paywarden_domain::id::RunId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::finish::report_key;
use serde_json::json;

use crate::deps::Deps;

/// How long an address of a report is good.
const DOWNLOAD_SECONDS: u32 = 15 * 60;

/// Answers where the run's report is.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", RunId::parse)?;
    let run = deps.table.run_of(&caller.merchant_id, &id).await?;
    let run = run.ok_or_else(|| Problem::not_found("run"))?;
    if run.summary.is_none() {
        let message = format!("the run is {}, and has no report", run.state);
        return Err(Problem::conflict("no_report", message));
    }
    let scope = &run.scope;
    let file_name = format!("reconciliation-{}-{}-{}.csv", scope.from, scope.until, run.id);
    let url = deps.objects.download_url(&report_key(&run), &file_name, DOWNLOAD_SECONDS).await?;
    let expires_at = deps.clock.now().plus_seconds(i64::from(DOWNLOAD_SECONDS));
    let expires_at = caller.zone.offset_text(expires_at);
    let report = json!({"url": url, "file_name": file_name, "expires_at": expires_at});
    Answer::ok(&json!({"status": true, "report": report}))
}

#[cfg(test)]
mod tests;
