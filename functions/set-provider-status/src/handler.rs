//! The endpoint.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Actor, Provider, ProviderStatus, Standing};
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::body::Fields;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::provider_view::ProviderView;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::providers::{Providers, StoredProvider};
use serde_json::{Value, json};

/// Longest reason, in characters.
const REASON_CHARACTERS: usize = 256;

/// What the endpoint works with.
pub struct Deps {
    pub providers: Providers,
    pub view: ProviderView,
    pub clock: Arc<dyn Clock>,
}

/// Sets the status. A pinned one is left alone by automation until somebody sets it again without a pin.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ProvidersWrite)?;
    let id = request.path_id("id", ProviderId::parse)?;
    let standing = read(deps, &caller, &request.json()?)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("provider"))?;
    request.require_version(stored.provider.version)?;
    let provider = write(deps, stored, standing).await?;
    let shown = deps.view.show(&request, &caller, &provider, None).await?;
    Ok(Answer::ok(&json!({"status": true, "provider": shown}))?.with_version(provider.version))
}

fn read(deps: &Deps, caller: &Caller, body: &Value) -> Result<Standing, Problem> {
    let fields = Fields::of(body)?;
    let status = fields.required("status", ProviderStatus::parse)?;
    let reason = fields.text("reason", REASON_CHARACTERS)?;
    let reason = reason.ok_or_else(|| fields.refused("reason", "is required"))?;
    let pinned = fields.flag("pin")?.unwrap_or(false);
    fields.finish()?;
    let by = Actor::Client(caller.client_id.clone());
    Ok(Standing { status, pinned, by, at: deps.clock.now(), reason })
}

/// Whether nothing would be different. What automation decided is different once a person decides it: automation leaves
/// that alone.
fn is_same(old: &Standing, new: &Standing) -> bool {
    old.status == new.status
        && old.pinned == new.pinned
        && old.reason == new.reason
        && old.by != Actor::Automation
}

async fn write(deps: &Deps, stored: StoredProvider, standing: Standing) -> Result<Provider, Problem> {
    let old = stored.provider;
    if is_same(&old.standing, &standing) {
        return Ok(old);
    }
    let (by, at) = (standing.by.clone(), standing.at);
    let new = Provider { standing, ..old.clone() }.changed(at);
    let change = Change::between(Some(&old), &new, by, None);
    let next = StoredProvider { provider: new, sealed_credentials: stored.sealed_credentials };
    deps.providers.replace(&next, old.version, &change).await?;
    Ok(next.provider)
}

#[cfg(test)]
mod tests;
