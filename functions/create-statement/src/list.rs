//! Statements that are there.

use paywarden_domain::id::{ProviderId, StatementId};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::handler::Deps;

/// A statement with all that was found in it.
pub async fn one(deps: &Deps, caller: &Caller, request: &ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", StatementId::parse)?;
    let statement = deps.intake.table.statement(&caller.merchant_id, &id).await?;
    let statement = statement.ok_or_else(|| Problem::not_found("statement"))?;
    Answer::ok(&json!({"status": true, "statement": statement.to_json(&caller.zone)}))
}

/// A page of the statements, newest first. With a provider given, a page may hold fewer than were asked for.
pub async fn all(deps: &Deps, caller: &Caller, request: &ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["provider_id", "limit", "cursor"])?;
    let provider = query.parsed("provider_id", ProviderId::parse)?;
    let binding = format!("list-statements/1 {} {provider:?}", caller.merchant_id);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = deps.intake.table.statements(&caller.merchant_id, after.as_deref(), query.limit()?).await?;
    let wanted = page
        .items
        .iter()
        .filter(|statement| provider.as_ref().is_none_or(|provider| statement.provider_id == *provider));
    let statements: Vec<Value> = wanted.map(|statement| statement.to_json(&caller.zone)).collect();
    Answer::ok(&json!({
        "status": true,
        "statements": statements,
        "next_cursor": deps.cursors.next(&binding, page.next.as_deref()).await?,
    }))
}
