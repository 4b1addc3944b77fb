//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_domain::time::{Day, Timestamp, Zone};
use paywarden_domain::timeline::{Entry, Subject};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;
use paywarden_store::timeline::TimelineReader;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page of what came on a day of the merchant's clocks.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["day", "limit", "cursor"])?;
    let limit = query.limit()?;
    let day = query.parsed("day", Day::parse)?.unwrap_or_else(|| caller.zone.day_of(deps.clock.now()));
    let id = request.path_id("id", ProviderId::parse)?;
    deps.providers.find_of(&caller.merchant_id, &id).await?.ok_or_else(|| Problem::not_found("provider"))?;
    let (from, until) = bounds(&caller.zone, day)?;
    let binding =
        Listing::new("list-unmatched-callbacks/1", &caller.merchant_id).with("id", &id).with("day", &day);
    let after = deps.cursors.position(&query, &binding).await?.unwrap_or_else(|| from.to_string());
    let (entries, next) = read(&deps.timeline, &id, (from, until), after, limit).await?;
    let next_cursor = deps.cursors.next(&binding, next.as_deref()).await?;
    let logs: Vec<Value> = entries.iter().map(|entry| entry.to_json(&caller.zone)).collect();
    Answer::ok(&json!({"status": true, "logs": logs, "next_cursor": next_cursor}))
}

/// From the day's first instant until before the next day's.
fn bounds(zone: &Zone, day: Day) -> Result<(Timestamp, Timestamp), Problem> {
    let text = day.to_string();
    let impossible = |_| Problem::invalid("day", "expected a day of the calendar as YYYY-MM-DD");
    Ok((zone.filter_start(&text).map_err(impossible)?, zone.filter_end(&text).map_err(impossible)?))
}

/// Reads the timelines that the day is in, one after the other.
async fn read(
    timeline: &TimelineReader,
    provider: &ProviderId,
    (from, until): (Timestamp, Timestamp),
    after: String,
    limit: u16,
) -> Result<(Vec<Entry>, Option<String>), StoreError> {
    let mut entries = Vec::new();
    for subject in Subject::unmatched_between(provider, from, until) {
        let room = usize::from(limit).saturating_sub(entries.len());
        if room == 0 {
            // Full, and a further timeline to look into: it begins behind what was read.
            return Ok((entries, subject.begins_at()));
        }
        let room = u16::try_from(room).unwrap_or(limit);
        let page = timeline.list_between(&subject, room, Some(&after), Some(until)).await?;
        entries.extend(page.entries);
        if page.next.is_some() {
            return Ok((entries, page.next));
        }
    }
    Ok((entries, None))
}

#[cfg(test)]
mod tests;
