//! The endpoint.

use std::collections::BTreeMap;

use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::Provider;
use paywarden_domain::time::Day;
use paywarden_domain::timeline::Entry;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::cursor::Listing;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_payments::unmatched_days::{bounds, page};
use serde_json::{Value, json};

use crate::deps::Deps;

/// Answers a page of what came on a day of the merchant's clocks. A page of those that wait, or do not, may be a short one:
/// it is read whole, and the others are left out.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let query = QueryReader::new(&request.query, &["day", "decided", "limit", "cursor"])?;
    let limit = query.limit()?;
    let day = query.parsed("day", Day::parse)?.unwrap_or_else(|| caller.zone.day_of(deps.clock.now()));
    let decided = query.word("decided", flag)?;
    let bounds = bounds(&caller.zone, day)
        .map_err(|_| Problem::invalid("day", "expected a day of the calendar as YYYY-MM-DD"))?;
    let providers: BTreeMap<ProviderId, Provider> = deps
        .providers
        .list(&caller.merchant_id)
        .await?
        .into_iter()
        .map(|one| (one.id.clone(), one))
        .collect();
    let ids: Vec<ProviderId> = providers.keys().cloned().collect();
    let binding = Listing::new("find-unmatched-callbacks/1", &caller.merchant_id)
        .with("day", &day)
        .with("decided", &decided);
    let after = deps.cursors.position(&query, &binding).await?;
    let page = page(&deps.timeline, &ids, bounds, after.as_deref(), limit).await?;
    let next_cursor = deps.cursors.next(&binding, page.next.as_deref()).await?;
    let wanted =
        page.entries.iter().filter(|(_, entry)| decided.is_none_or(|asked| asked == is_decided(entry)));
    let callbacks: Vec<Value> = wanted
        .map(|(id, entry)| {
            json!({
                "provider_id": id,
                "provider_name": providers.get(id).map(|provider| &provider.name),
                "decided": is_decided(entry),
                "log": entry.to_json(&caller.zone),
            })
        })
        .collect();
    Answer::ok(&json!({"status": true, "unmatched_callbacks": callbacks, "next_cursor": next_cursor}))
}

/// Whether it found its transaction since, or somebody did something about it.
fn is_decided(entry: &Entry) -> bool {
    let says = |member| entry.detail.get(member).is_some_and(|value| !value.is_null());
    says("applied_to") || says("decision")
}

fn flag(text: &str) -> Result<bool, &'static str> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("expected true or false"),
    }
}

#[cfg(test)]
mod tests;
