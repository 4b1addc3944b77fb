//! The endpoint.

use paywarden_domain::actor::Actor;
use paywarden_domain::audit::{AuditEntry, Outcome};
use paywarden_domain::time::Zone;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::csv::{self, Table};
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::audit::Wanted;
use serde_json::{Value, json};

use crate::deps::Deps;

const PARAMETERS: &[&str] =
    &["by", "action", "subject", "outcome", "start_date", "end_date", "limit", "cursor"];

/// The members of an entry, in the order of the columns of a table.
const COLUMNS: &[&str] = &[
    "id",
    "at",
    "by",
    "identity",
    "address",
    "request_id",
    "action",
    "target",
    "subject",
    "outcome",
    "status",
    "error_code",
    "before",
    "after",
];

/// Longest name of an action and longest id, in bytes.
const WORD_BYTES: usize = 64;

/// Answers a page of the trail, newest first, as JSON or as a table.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, PARAMETERS)?;
    let limit = query.limit()?;
    let wanted = wanted(&query, &caller.zone)?;
    let binding = Listing::new("list-audit-entries/1", &caller.merchant_id)
        .with("by", &wanted.by)
        .with("action", &wanted.action)
        .with("subject", &wanted.subject)
        .with("outcome", &wanted.outcomes)
        .with("from", &wanted.from)
        .with("until", &wanted.until);
    let behind = deps.cursors.position(&query, &binding).await?;
    let page = deps.audit.page(Some(&caller.merchant_id), &wanted, behind.as_deref(), limit).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let shown = page.entries.iter().map(|entry: &AuditEntry| entry.to_json(&caller.zone));
    if csv::is_wanted(&request.headers) {
        let mut table = Table::new(COLUMNS)?;
        shown.into_iter().try_for_each(|row| table.push(&row))?;
        return table.into_answer(next_cursor.as_deref());
    }
    let entries: Vec<Value> = shown.collect();
    Answer::ok(&json!({"status": true, "audit_entries": entries, "next_cursor": next_cursor}))
}

fn wanted(query: &QueryReader<'_>, zone: &Zone) -> Result<Wanted, Problem> {
    let (from, until) = query.moments("start_date", "end_date", zone)?;
    Ok(Wanted {
        from,
        until,
        by: query.parsed("by", |text| Actor::try_from(text.to_owned()))?,
        action: query.parsed("action", word)?,
        subject: query.parsed("subject", word)?,
        outcomes: query.words("outcome", Outcome::parse)?,
    })
}

fn word(text: &str) -> Result<String, String> {
    let is_word = (1..=WORD_BYTES).contains(&text.len());
    is_word.then(|| text.to_owned()).ok_or_else(|| format!("expected at most {WORD_BYTES} bytes"))
}

#[cfg(test)]
mod tests;
