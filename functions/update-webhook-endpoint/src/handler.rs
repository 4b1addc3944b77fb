//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::{Endpoint, EndpointStatus};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_webhooks::endpoints::settings;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Changes what the body names and nothing else.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", EndpointId::parse)?;
    let body = request.json()?;
    let stored = deps.keeper.find(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("webhook endpoint"))?;
    request.require_version(stored.endpoint.version)?;
    let before = stored.endpoint.to_json(&caller.zone);
    let (changed, is_resumed) = read(deps, &stored.endpoint, &body)?;
    let endpoint = deps.keeper.change(stored, changed).await?;
    if is_resumed {
        // Also of one that was told already: the message of a try before this one may not have been taken.
        deps.release.ask(&endpoint).await?;
    }
    let shown = deps.view.show(&endpoint, &caller.zone).await?;
    let answer = Answer::ok(&json!({"status": true, "webhook_endpoint": shown}))?;
    let change = Changed::between(before, endpoint.to_json(&caller.zone));
    Ok(answer.with_version(endpoint.version).with_change(change))
}

/// The endpoint as it is wanted, and whether somebody says that it is to be told.
fn read(deps: &Deps, current: &Endpoint, body: &Value) -> Result<(Endpoint, bool), InvalidField> {
    let fields = Fields::of(body)?;
    let mut changed = current.clone();
    settings::read_into(&mut changed, &fields, deps.policy)?;
    let status = settings::status(&fields)?;
    fields.finish()?;
    let changed = match status {
        Some(status) => changed.switched(status),
        None => changed,
    };
    Ok((changed, status == Some(EndpointStatus::Enabled)))
}

#[cfg(test)]
mod tests;
