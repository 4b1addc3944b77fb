//! The endpoint.

use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::monitor::{Minutes, Tally, minute_of};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// The times that are counted, back from now, in minutes.
const PERIODS: [(&str, i64); 3] = [("hour", 60), ("day", 24 * 60), ("week", 7 * 24 * 60)];

/// Tells how the provider does, and what monitoring makes of it.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let id = request.path_id("id", ProviderId::parse)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let provider = stored.ok_or_else(|| Problem::not_found("provider"))?.provider;
    let now = deps.clock.now();
    let present = minute_of(now);
    let longest = PERIODS.iter().map(|(_, minutes)| *minutes).max().unwrap_or_default();
    let minutes = deps.health.minutes(&id, present.saturating_sub(longest).saturating_sub(1)).await?;
    let memory = deps.health.memory(&id).await?.unwrap_or_default();
    let thresholds = deps.merchants.get(&caller.merchant_id).await?.settings.monitoring;
    let last = minutes.iter().rev().find(|(_, tally)| tally.received > 0).map(|(minute, _)| *minute);
    let last = last.max(memory.last_received);
    let periods: Vec<Value> = PERIODS
        .iter()
        .map(|(name, length)| period(name, &minutes, present.saturating_sub(*length)))
        .collect();
    Answer::ok(&json!({
        "status": true,
        "outcomes": {
            "provider_id": id,
            "at": caller.zone.offset_text(now),
            "provider_status": provider.standing.status,
            "status_reason": provider.standing.reason,
            "silent_minutes": last.map(|last| present.saturating_sub(last)),
            "periods": periods,
            "monitoring": memory.view(&provider.standing, &thresholds, now),
        },
    }))
}

/// What happened from a minute on.
fn period(name: &str, minutes: &Minutes, from: i64) -> Value {
    let mut sum = Tally::default();
    minutes.range(from..).for_each(|(_, tally)| sum.add(tally));
    json!({
        "period": name,
        "payments_recorded": sum.used,
        "succeeded": sum.succeeded,
        "failed": sum.failed,
        "success_share": share(&sum),
        "median_seconds_to_success": sum.waits.median_seconds(),
        "callbacks_received": sum.received,
        "callbacks_refused": sum.refused,
    })
}

/// Successes among the payments that ended, to four decimals, rounded down: what is not all is not shown as all.
fn share(sum: &Tally) -> Option<String> {
    let all = u64::from(sum.outcomes());
    let parts = u64::from(sum.succeeded).saturating_mul(10_000).checked_div(all)?;
    Some(format!("{}.{:04}", parts / 10_000, parts % 10_000))
}

#[cfg(test)]
mod tests;
