//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::id::StatementId;
use paywarden_domain::statement::{Reading, Statement, StatementStatus};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::StepError;
use paywarden_reconciliation::intake::{content_id, upload_key};
use serde_json::json;

use crate::deps::Deps;
use crate::input::{self, Announced};

/// How long an address for an upload is good.
const UPLOAD_SECONDS: u32 = 15 * 60;

/// Takes a statement that is announced or given.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let announced = input::read(&request.json()?)?;
    let provider = deps.providers.find_of(&caller.merchant_id, &announced.provider_id).await?;
    if provider.is_none() {
        return Err(Problem::unprocessable("provider_id", "expected one of your providers"));
    }
    if let Some(reading @ Reading::Columns(_)) = &announced.reading {
        deps.intake.table.keep_reading(&caller.merchant_id, &announced.provider_id, reading).await?;
    }
    match &announced.content {
        Some(content) => take(deps, &caller, &announced, content).await,
        None => await_upload(deps, &caller, announced).await,
    }
}

async fn await_upload(deps: &Deps, caller: &Caller, announced: Announced) -> Result<Answer, Problem> {
    let id = StatementId::mint(deps.clock.now(), deps.entropy.as_ref());
    let statement = statement(deps, caller, &announced, id);
    deps.intake.table.put_statement(&statement).await?;
    let url = deps.intake.objects.upload_url(&upload_key(&statement), UPLOAD_SECONDS).await?;
    let expires_at = deps.clock.now().plus_seconds(i64::from(UPLOAD_SECONDS));
    let shown = statement.to_json(&caller.zone);
    let answer = Answer::created(&json!({
        "status": true,
        "statement": shown,
        "upload": {"method": "PUT", "url": url, "expires_at": caller.zone.offset_text(expires_at)},
    }))?;
    Ok(answer.with_change(Changed::to(shown)))
}

/// Reads a file that came with the request: 201 with what was read, 200 when these bytes were there before.
async fn take(deps: &Deps, caller: &Caller, announced: &Announced, content: &str) -> Result<Answer, Problem> {
    let file = tempfile::NamedTempFile::new().map_err(internal)?;
    std::fs::write(file.path(), content).map_err(internal)?;
    let of = (&caller.merchant_id, &announced.provider_id);
    let id = content_id(of, content.as_bytes(), announced.reading.as_ref());
    let table = &deps.intake.table;
    let known = table.statement(&caller.merchant_id, &id).await?.filter(Statement::is_usable);
    if let Some(known) = known {
        return Answer::ok(&json!({"status": true, "statement": known.to_json(&caller.zone)}));
    }
    let statement = statement(deps, caller, announced, id);
    let taken = deps.intake.take(&statement, file.path()).await.map_err(problem)?;
    let (status, shown) = match (&taken.status, &taken.duplicate_of) {
        (StatementStatus::Duplicate, Some(first)) => {
            (200, table.statement(&caller.merchant_id, first).await?.unwrap_or(taken))
        }
        _ => (201, taken),
    };
    let shown = shown.to_json(&caller.zone);
    let answer = Answer::json(status, &json!({"status": true, "statement": shown}))?;
    Ok(answer.with_change(Changed::to(shown)))
}

fn statement(deps: &Deps, caller: &Caller, announced: &Announced, id: StatementId) -> Statement {
    let of = (caller.merchant_id.clone(), announced.provider_id.clone());
    let by = caller.actor();
    let statement = Statement::announced(id, of, announced.reading.clone(), by, deps.clock.now());
    Statement { file_name: announced.file_name.clone(), ..statement }
}

fn problem(error: StepError) -> Problem {
    match error {
        StepError::Store(error) => error.into(),
        other => Problem::internal(other.to_string()),
    }
}

fn internal(error: std::io::Error) -> Problem {
    Problem::internal(error.to_string())
}

#[cfg(test)]
mod tests;
