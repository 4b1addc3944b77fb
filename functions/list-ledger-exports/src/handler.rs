//! The endpoint.

use paywarden_domain::ledger_export::{ExportedDay, part_key, part_name};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use serde_json::{Value, json};

use crate::deps::Deps;

/// How long an address of a file is good.
const DOWNLOAD_SECONDS: u32 = 15 * 60;

/// Answers a page of the days, newest first, each with the addresses of its files.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["limit", "cursor"])?;
    let binding = Listing::new("list-ledger-exports/1", &caller.merchant_id);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = deps.table.exported_days(&caller.merchant_id, after.as_deref(), query.limit()?).await?;
    let mut exports = Vec::new();
    for export in &page.items {
        exports.push(shown(deps, &caller, export).await?);
    }
    let expires_at = deps.clock.now().plus_seconds(i64::from(DOWNLOAD_SECONDS));
    Answer::ok(&json!({
        "status": true,
        "exports": exports,
        "expires_at": caller.zone.offset_text(expires_at),
        "next_cursor": deps.cursors.next(&binding, page.next.as_deref()).await?,
    }))
}

async fn shown(deps: &Deps, caller: &Caller, export: &ExportedDay) -> Result<Value, StoreError> {
    let mut files = Vec::new();
    for part in 1..=export.parts {
        let (key, name) = (part_key(&caller.merchant_id, export.day, part), part_name(export.day, part));
        let url = deps.objects.download_url(&key, &name, DOWNLOAD_SECONDS).await?;
        files.push(json!({"file_name": name, "url": url}));
    }
    Ok(json!({
        "date": export.day,
        "rows": export.rows,
        "written_at": caller.zone.offset_text(export.written_at),
        "files": files,
    }))
}

#[cfg(test)]
mod tests;
