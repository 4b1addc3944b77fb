//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_domain::time::Day;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::unmatched_days::{bounds, page};
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page of what came on a day of the merchant's clocks.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["day", "limit", "cursor"])?;
    let limit = query.limit()?;
    let day = query.parsed("day", Day::parse)?.unwrap_or_else(|| caller.zone.day_of(deps.clock.now()));
    let id = request.path_id("id", ProviderId::parse)?;
    deps.providers.find_of(&caller.merchant_id, &id).await?.ok_or_else(|| Problem::not_found("provider"))?;
    let bounds = bounds(&caller.zone, day)
        .map_err(|_| Problem::invalid("day", "expected a day of the calendar as YYYY-MM-DD"))?;
    let binding =
        Listing::new("list-unmatched-callbacks/1", &caller.merchant_id).with("id", &id).with("day", &day);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = page(&deps.timeline, &[id], bounds, after.as_deref(), limit).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let logs: Vec<Value> = page.entries.iter().map(|(_, entry)| entry.to_json(&caller.zone)).collect();
    Answer::ok(&json!({"status": true, "logs": logs, "next_cursor": next_cursor}))
}

#[cfg(test)]
mod tests;
