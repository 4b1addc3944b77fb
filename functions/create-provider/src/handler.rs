//! The endpoint.

use std::collections::BTreeMap;
use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::change::Change;
use paywarden_domain::provider::record::{Observed, to_json};
use paywarden_domain::provider::{Actor, PATH_TOKEN, Provider, ProviderType};
use paywarden_domain::secret;
use paywarden_domain::time::Clock;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::body::Fields;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::provider_fields;
use paywarden_lambda_kit::public_url::PublicUrl;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_providers::{Adapter, Credentials, KeyChain, adapter, check_credentials, summaries};
use paywarden_store::providers::{Providers, StoredProvider};
use paywarden_store::vault::{Context, Vault};
use serde_json::{Value, json};

/// What the endpoint works with.
pub struct Deps {
    pub providers: Providers,
    pub vault: Arc<dyn Vault>,
    pub public_url: PublicUrl,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Adds a provider. Where its callbacks need an address that nobody can guess, this answer is the only one that shows it.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::ProvidersWrite)?;
    let (mut provider, credentials) = read(deps, &caller, &request.json()?)?;
    if deps.providers.list(&caller.merchant_id).await?.len() >= Provider::LIMIT {
        let message = format!("a merchant has at most {} providers", Provider::LIMIT);
        return Err(Problem::conflict("too_many_providers", message));
    }
    let adapter = adapter(provider.provider_type);
    let token = adapter.needs_path_token().then(|| secret::generate(deps.entropy.as_ref()));
    let credentials = match &token {
        Some(token) => credentials.with(PATH_TOKEN, token.clone()),
        None => credentials,
    };
    provider.credentials = summaries(adapter, &credentials, &BTreeMap::new(), |_| true, provider.created_at);
    let context = Context::provider(&provider.merchant_id, &provider.id);
    let sealed_credentials = deps.vault.seal(&context, &KeyChain::new(credentials).to_json_text()).await?;
    let change = Change::between(None, &provider, Actor::Client(caller.client_id.clone()), None);
    let stored = StoredProvider { provider, sealed_credentials };
    deps.providers.create(&stored, &change).await?;
    let provider = stored.provider;
    let url = deps.public_url.of_callbacks(&request, &provider, token.as_deref());
    let shown = to_json(&provider, &Observed::default(), &url, &caller.zone);
    Ok(Answer::created(&json!({"status": true, "provider": shown}))?.with_version(provider.version))
}

fn read(deps: &Deps, caller: &Caller, body: &Value) -> Result<(Provider, Credentials), Problem> {
    let fields = Fields::of(body)?;
    let provider_type = fields.required("type", ProviderType::parse)?;
    let adapter = adapter(provider_type);
    let now = deps.clock.now();
    let mut provider = Provider::new(
        ProviderId::mint(now, deps.entropy.as_ref()),
        caller.merchant_id.clone(),
        (provider_type, adapter.connection()),
        String::new(),
        Vec::new(),
        Actor::Client(caller.client_id.clone()),
        now,
    );
    provider_fields::read_into(&mut provider, &fields, adapter.services())?;
    for (name, missing) in [("name", provider.name.is_empty()), ("services", provider.services.is_empty())] {
        if missing {
            return Err(fields.refused(name, "is required"));
        }
    }
    let credentials = credentials(adapter, &fields)?;
    fields.finish()?;
    Ok((provider, credentials))
}

fn credentials(adapter: &dyn Adapter, fields: &Fields<'_>) -> Result<Credentials, Problem> {
    let given = provider_fields::credentials(fields)?.unwrap_or_default();
    let values = given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    check_credentials(adapter, &values).map_err(|problems| {
        provider_fields::refuse_credentials(problems.iter().map(|one| (one.key.as_str(), &one.problem)))
    })
}

#[cfg(test)]
mod tests;
