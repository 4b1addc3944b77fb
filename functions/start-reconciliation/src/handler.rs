//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::id::StatementId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::reconciliation::Rules;
use paywarden_domain::reconciliation::run::{RunScope, Trigger};
use paywarden_domain::statement::{Statement, StatementStatus};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::start::{Started, covers, ids};
use serde_json::json;

use crate::input::{self, Asked};
use paywarden_lambda_kit::caller::Caller;

use crate::deps::Deps;

/// Starts a run, or answers the one that compares the same.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let asked = input::read(&request.json()?)?;
    let merchant = deps.merchants.get(&caller.merchant_id).await?;
    let mut scope = scope(deps, &merchant, &asked).await?;
    let statements = statements(deps, &merchant, &asked, &scope).await?;
    let statements: Vec<&Statement> = statements.iter().collect();
    scope.statement_ids = ids(&statements);
    let by = caller.actor();
    let started = deps.starter.start(scope, &statements, Trigger::Manual, by).await?;
    let status = if matches!(started, Started::Begun(_)) { 201 } else { 200 };
    let shown = started.into_run().to_json(&caller.zone);
    Ok(Answer::json(status, &json!({"status": true, "run": shown}))?.with_change(Changed::to(shown)))
}

async fn scope(deps: &Deps, merchant: &Merchant, asked: &Asked) -> Result<RunScope, Problem> {
    let provider = deps.providers.find_of(&merchant.id, &asked.provider_id).await?;
    let provider = provider
        .ok_or_else(|| Problem::unprocessable("provider_id", "expected one of your providers"))?
        .provider;
    Ok(RunScope {
        merchant_id: merchant.id.clone(),
        provider_id: asked.provider_id.clone(),
        from: asked.from,
        until: asked.until,
        as_of: asked.as_of,
        statement_ids: Vec::new(),
        rules: asked.rules.over(Rules::usual(&provider, merchant)),
        dry_run: asked.dry_run,
    })
}

/// The statements that were named; without any, all that have bookings on these days.
async fn statements(
    deps: &Deps,
    merchant: &Merchant,
    asked: &Asked,
    scope: &RunScope,
) -> Result<Vec<Statement>, Problem> {
    let mut statements: Vec<Statement> = Vec::new();
    if let Some(named) = &asked.statement_ids {
        for id in named {
            let statement = named_statement(deps, merchant, scope, id).await?;
            if !statements.iter().any(|known| known.id == statement.id) {
                statements.push(statement);
            }
        }
        return Ok(statements);
    }
    let from = merchant.zone.filter_start(&asked.from.to_string());
    let from = from.map_err(|error| Problem::unprocessable("start_date", error.to_string()))?;
    statements = deps.starter.table.statements_since(&merchant.id, from).await?;
    statements.retain(|statement| covers(statement, scope, &merchant.zone));
    match statements.len() {
        0 => Err(Problem::unprocessable(
            "statement_ids",
            "no statement of this provider has bookings on these days; add one, or name those to be used",
        )),
        1..=RunScope::MAX_STATEMENTS => Ok(statements),
        _ => Err(Problem::unprocessable("statement_ids", input::too_many_statements())),
    }
}

async fn named_statement(
    deps: &Deps,
    merchant: &Merchant,
    scope: &RunScope,
    id: &StatementId,
) -> Result<Statement, Problem> {
    let refused = |message: String| Problem::unprocessable("statement_ids", message);
    let table = &deps.starter.table;
    let mut statement = table.statement(&merchant.id, id).await?;
    if let Some(first) = statement.as_ref().and_then(|statement| statement.duplicate_of.clone()) {
        statement = table.statement(&merchant.id, &first).await?;
    }
    let statement = statement
        .filter(|statement| statement.provider_id == scope.provider_id)
        .ok_or_else(|| refused(format!("{id} is no statement of this provider")))?;
    match statement.status {
        StatementStatus::Parsed | StatementStatus::ParsedWithErrors => Ok(statement),
        status => Err(refused(format!("{id} is {status}, and cannot be used"))),
    }
}

#[cfg(test)]
mod tests;
