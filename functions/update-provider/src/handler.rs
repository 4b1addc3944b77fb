//! The endpoint.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::{Actor, Provider};
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::body::Fields;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::provider_fields;
use paywarden_lambda_kit::provider_view::ProviderView;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::adapter;
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::vault::Vault;
use serde_json::json;

use crate::credentials::{self, Renewal};

/// What the endpoint works with.
pub struct Deps {
    pub providers: Providers,
    pub view: ProviderView,
    pub vault: Arc<dyn Vault>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Changes what the body names and nothing else.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ProvidersWrite)?;
    let id = request.path_id("id", ProviderId::parse)?;
    let body = request.json()?;
    let fields = Fields::of(&body)?;
    let stored = deps.providers.find_latest(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("provider"))?;
    request.require_version(stored.provider.version)?;
    let (changed, renewal) = read(&stored.provider, &fields)?;
    let (changed, token) = write(deps, &caller, &stored, changed, renewal).await?;
    let shown = deps.view.show(&request, &caller, &changed, token.as_deref()).await?;
    Ok(Answer::ok(&json!({"status": true, "provider": shown}))?.with_version(changed.version))
}

fn read(current: &Provider, fields: &Fields<'_>) -> Result<(Provider, Option<Renewal>), Problem> {
    if fields.value("type").is_some_and(|given| *given != json!(current.provider_type)) {
        return Err(fields.refused("type", "cannot be changed: add another provider"));
    }
    let mut changed = current.clone();
    let adapter = adapter(current.provider_type);
    provider_fields::read_into(&mut changed, fields, adapter.services())?;
    let renewal = credentials::read(fields, adapter)?;
    fields.finish()?;
    Ok((changed, renewal))
}

/// Writes what is different, if anything is. Answers the provider as it is then, and its callbacks' token if that is
/// new.
async fn write(
    deps: &Deps,
    caller: &Caller,
    stored: &StoredProvider,
    mut changed: Provider,
    renewal: Option<Renewal>,
) -> Result<(Provider, Option<String>), Problem> {
    let (sealed_credentials, token) = match renewal {
        Some(renewal) => credentials::renew(deps, stored, &mut changed, renewal).await?,
        None => (stored.sealed_credentials.clone(), None),
    };
    if changed == stored.provider && sealed_credentials == stored.sealed_credentials {
        return Ok((changed, None));
    }
    let changed = changed.changed(deps.clock.now());
    let by = Actor::Client(caller.client_id.clone());
    let change = Change::between(Some(&stored.provider), &changed, by, None);
    let next = StoredProvider { provider: changed, sealed_credentials };
    deps.providers.replace(&next, stored.provider.version, &change).await?;
    Ok((next.provider, token))
}

#[cfg(test)]
mod tests;
