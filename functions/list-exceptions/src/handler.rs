//! The endpoint.

use paywarden_domain::id::RunId;
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::ExceptionStatus;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::csv::{self, Table};
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_reconciliation::search::{Among, Wanted, search};
use serde_json::{Value, json};

use crate::deps::Deps;

/// Exceptions of one CSV answer when the caller sets no limit.
const MAX_ROWS: usize = 2_000;

const PARAMETERS: &[&str] = &["outcome", "status", "assignee", "limit", "cursor"];

/// The columns of a table. The first ones are those that `POST /reconciliation/exceptions` takes back.
const COLUMNS: &[&str] = &[
    "exception_id",
    "action",
    "reason",
    "assignee",
    "outcome",
    "detail",
    "status",
    "created_at",
    "ledger",
    "statement",
];

/// Answers a page of what a run found, by outcome.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, PARAMETERS)?;
    let id = request.path_id("id", RunId::parse)?;
    let wanted = Wanted {
        outcome: query.word("outcome", Outcome::parse)?,
        statuses: query.words("status", ExceptionStatus::parse)?,
        assignee: query.single("assignee")?.map(str::to_owned),
        ..Wanted::default()
    };
    let as_table = csv::is_wanted(&request.headers);
    let limit = usize::from(query.limit()?);
    let limit = if as_table && query.single("limit")?.is_none() { MAX_ROWS } else { limit };
    let run = deps.table.run_of(&caller.merchant_id, &id).await?;
    let run = run.ok_or_else(|| Problem::not_found("run"))?;
    let binding = Listing::new("list-exceptions/1", &caller.merchant_id)
        .with("id", &id)
        .with("outcome", &wanted.outcome)
        .with("status", &wanted.statuses)
        .with("assignee", &wanted.assignee);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = search(&deps.table, Among::Run(&run.id), &wanted, after, limit).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let shown: Vec<Value> = page.exceptions.iter().map(|exception| exception.to_json(&caller.zone)).collect();
    if as_table {
        return table(&shown, next_cursor.as_deref());
    }
    Answer::ok(&json!({"status": true, "exceptions": shown, "next_cursor": next_cursor}))
}

fn table(exceptions: &[Value], next_cursor: Option<&str>) -> Result<Answer, Problem> {
    let mut table = Table::new(COLUMNS)?;
    for exception in exceptions {
        let mut row = exception.as_object().cloned().unwrap_or_default();
        row.insert("exception_id".to_owned(), exception.get("id").cloned().unwrap_or_default());
        table.push(&row)?;
    }
    table.into_answer(next_cursor)
}

#[cfg(test)]
mod tests;
