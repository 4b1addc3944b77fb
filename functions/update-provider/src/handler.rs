//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::Provider;
use paywarden_domain::provider::record::to_audit;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::adapter;
use paywarden_roster::renewal::{self, RenewError, Renewal, Sealed};
use paywarden_roster::settings;
use paywarden_store::providers::StoredProvider;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Changes what the body names and nothing else.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", ProviderId::parse)?;
    let body = request.json()?;
    let stored = deps.keeper.find(&caller.merchant_id, &id).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("provider"))?;
    request.require_version(stored.provider.version)?;
    let (mut changed, renewal) = read(&stored.provider, &body)?;
    let sealed = seal(deps, &stored, &mut changed, renewal).await?;
    let by = caller.actor();
    let changed = deps.keeper.change(&stored, changed, sealed.credentials, by).await?;
    let api_url = deps.public_url.of(&request, "");
    let shown = deps.view.show(&changed, &caller.zone, &api_url, sealed.token.as_deref()).await?;
    let answer = Answer::ok(&json!({"status": true, "provider": shown}))?;
    let change = Changed::between(to_audit(&stored.provider, &caller.zone), to_audit(&changed, &caller.zone));
    Ok(answer.with_version(changed.version).with_change(change))
}

fn read(current: &Provider, body: &Value) -> Result<(Provider, Option<Renewal>), InvalidField> {
    let fields = Fields::of(body)?;
    if fields.value("type").is_some_and(|given| *given != json!(current.provider_type)) {
        return Err(fields.refused("type", "cannot be changed: add another provider"));
    }
    let mut changed = current.clone();
    let adapter = adapter(current.provider_type);
    settings::read_into(&mut changed, &fields, adapter.profile().services)?;
    let renewal = renewal::read(&fields, adapter)?;
    fields.finish()?;
    Ok((changed, renewal))
}

/// The credentials as they are to be kept; the body may not speak of them.
async fn seal(
    deps: &Deps,
    stored: &StoredProvider,
    changed: &mut Provider,
    renewal: Option<Renewal>,
) -> Result<Sealed, Problem> {
    match renewal {
        None => Ok(Sealed { credentials: stored.sealed_credentials.clone(), token: None }),
        Some(renewal) => deps.sealer.renew(stored, changed, renewal).await.map_err(|error| match error {
            RenewError::Invalid(invalid) => invalid.into(),
            RenewError::Store(error) => error.into(),
        }),
    }
}

#[cfg(test)]
mod tests;
