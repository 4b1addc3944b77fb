//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::record::to_audit;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::{Credentials, adapter};
use paywarden_roster::view::show_new;
use paywarden_roster::{credentials, settings};
use paywarden_store::providers::StoredProvider;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Adds a provider. Where its callbacks need an address that nobody can guess, this answer is the only one that shows it.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let (mut provider, credentials) = read(deps, &caller, &request.json()?)?;
    if deps.keeper.count(&caller.merchant_id).await? >= Provider::LIMIT {
        let message = format!("a merchant has at most {} providers", Provider::LIMIT);
        return Err(Problem::conflict("too_many_providers", message));
    }
    let sealed = deps.sealer.seal_first(&mut provider, credentials).await?;
    let stored = StoredProvider { provider, sealed_credentials: sealed.credentials };
    deps.keeper.add(&stored, caller.actor()).await?;
    let api_url = deps.public_url.of(&request, "");
    let shown = show_new(&stored.provider, &caller.zone, &api_url, sealed.token.as_deref());
    let answer = Answer::created(&json!({"status": true, "provider": shown}))?;
    let change = Changed::to(to_audit(&stored.provider, &caller.zone));
    Ok(answer.with_version(stored.provider.version).with_change(change))
}

fn read(deps: &Deps, caller: &Caller, body: &Value) -> Result<(Provider, Credentials), InvalidField> {
    let fields = Fields::of(body)?;
    let provider_type = fields.required("type", ProviderType::parse)?;
    let adapter = adapter(provider_type);
    let now = deps.clock.now();
    let mut provider = Provider::new(
        ProviderId::mint(now, deps.entropy.as_ref()),
        caller.merchant_id.clone(),
        (provider_type, adapter.profile().connection),
        String::new(),
        Vec::new(),
        caller.actor(),
        now,
    );
    settings::read_into(&mut provider, &fields, adapter.profile().services)?;
    for (name, missing) in [("name", provider.name.is_empty()), ("services", provider.services.is_empty())] {
        if missing {
            return Err(fields.refused(name, "is required"));
        }
    }
    let given = credentials::read(&fields)?.unwrap_or_default();
    let given = given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    let credentials = credentials::check(adapter, &given)?;
    fields.finish()?;
    Ok((provider, credentials))
}

#[cfg(test)]
mod tests;
