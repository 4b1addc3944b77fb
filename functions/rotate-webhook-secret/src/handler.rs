//! The endpoint.

use std::ops::RangeInclusive;

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::EndpointId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_webhooks::endpoints::view::with_secret;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Hours for which the secret before may sign along, and for which it does unless somebody says otherwise.
const OVERLAPS: RangeInclusive<u32> = 0..=168;
const OVERLAP_HOURS: u32 = 24;

const HOUR_SECONDS: i64 = 3600;

/// Gives an endpoint another secret and shows it.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", EndpointId::parse)?;
    let overlap_hours = read(&request.json()?)?;
    let stored = deps.rotator.find(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("webhook endpoint"))?;
    let before = stored.endpoint.to_json(&caller.zone);
    let overlap_seconds = i64::from(overlap_hours).saturating_mul(HOUR_SECONDS);
    let (endpoint, key) = deps.rotator.rotate(stored, overlap_seconds).await?;
    let shown = with_secret(deps.view.show(&endpoint, &caller.zone).await?, &key);
    let answer = Answer::ok(&json!({"status": true, "webhook_endpoint": shown}))?;
    let change = Changed::between(before, endpoint.to_json(&caller.zone));
    Ok(answer.with_version(endpoint.version).with_change(change))
}

/// The hours for which the secret before signs along.
fn read(body: &Value) -> Result<u32, InvalidField> {
    let fields = Fields::of(body)?;
    let hours = fields.integer("overlap_hours", OVERLAPS)?;
    fields.finish()?;
    Ok(hours.unwrap_or(OVERLAP_HOURS))
}

#[cfg(test)]
mod tests;
