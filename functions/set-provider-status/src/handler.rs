//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::record::to_audit;
use paywarden_domain::provider::{ProviderStatus, Standing};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Longest reason, in characters.
const REASON_CHARACTERS: usize = 256;

/// Sets the status. A pinned one is left alone by automation until somebody sets it again without a pin.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", ProviderId::parse)?;
    let standing = read(deps, &caller, &request.json()?)?;
    let stored = deps.keeper.find(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("provider"))?;
    request.require_version(stored.provider.version)?;
    let before = to_audit(&stored.provider, &caller.zone);
    let provider = deps.keeper.set_standing(stored, standing, None).await?;
    let api_url = deps.public_url.of(&request, "");
    let shown = deps.view.show(&provider, &caller.zone, &api_url, None).await?;
    let answer = Answer::ok(&json!({"status": true, "provider": shown}))?;
    let change = Changed::between(before, to_audit(&provider, &caller.zone));
    Ok(answer.with_version(provider.version).with_change(change))
}

fn read(deps: &Deps, caller: &Caller, body: &Value) -> Result<Standing, InvalidField> {
    let fields = Fields::of(body)?;
    let status = fields.required("status", ProviderStatus::parse)?;
    let reason = fields.text("reason", REASON_CHARACTERS)?;
    let reason = reason.ok_or_else(|| fields.refused("reason", "is required"))?;
    let pinned = fields.flag("pin")?.unwrap_or(false);
    fields.finish()?;
    let by = caller.actor();
    Ok(Standing { status, pinned, by, at: deps.clock.now(), reason })
}

#[cfg(test)]
mod tests;
