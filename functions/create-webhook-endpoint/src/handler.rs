//! The endpoint.

use std::sync::Arc;

use paywarden_domain::access::Scope;
use paywarden_domain::entropy::Entropy;
use paywarden_domain::id::EndpointId;
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::signature::SigningSecret;
use paywarden_domain::webhook::{Endpoint, EndpointStatus, EventType, url};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::body::Fields;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::vault::{Context, Vault};
use paywarden_store::webhooks::{Endpoints, StoredEndpoint};
use serde_json::{Value, json};

/// Longest description, in characters.
const DESCRIPTION_CHARACTERS: usize = 256;

/// What the endpoint works with.
pub struct Deps {
    pub endpoints: Endpoints,
    pub vault: Arc<dyn Vault>,
    pub policy: AddressPolicy,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Creates an endpoint and shows its secret.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let caller = request.caller(deps.clock.as_ref())?;
    caller.require(Scope::WebhooksWrite)?;
    let endpoint = read(deps, &caller, &request.json()?)?;
    if deps.endpoints.list(&caller.merchant_id).await?.len() >= Endpoint::LIMIT {
        let message = format!("a merchant has at most {} webhook endpoints", Endpoint::LIMIT);
        return Err(Problem::conflict("too_many_endpoints", message));
    }
    let secret = SigningSecret::generate(deps.entropy.as_ref());
    let context = Context::endpoint(&endpoint.merchant_id, &endpoint.id);
    let sealed_secret = deps.vault.seal(&context, &secret.reveal()).await?;
    deps.endpoints.create(&StoredEndpoint { endpoint: endpoint.clone(), sealed_secret }).await?;
    let mut shown = endpoint.to_json(&caller.zone);
    if let Value::Object(members) = &mut shown {
        members.insert("secret".to_owned(), json!(secret.reveal()));
    }
    Answer::created(&json!({"status": true, "webhook_endpoint": shown}))
}

fn read(deps: &Deps, caller: &Caller, body: &Value) -> Result<Endpoint, Problem> {
    let fields = Fields::of(body)?;
    let url = fields.required("url", |text| url::parse(text, deps.policy))?;
    let mut events = fields.words("events", EventType::parse)?.unwrap_or_else(|| EventType::DEFAULT.to_vec());
    if events.is_empty() {
        let message = format!("expected at least one of {}", EventType::WORDS.join(", "));
        return Err(Problem::unprocessable("events", message));
    }
    events.sort();
    events.dedup();
    let description = fields.text("description", DESCRIPTION_CHARACTERS)?;
    fields.finish()?;
    let now = deps.clock.now();
    Ok(Endpoint {
        id: EndpointId::mint(now, deps.entropy.as_ref()),
        merchant_id: caller.merchant_id.clone(),
        url: url.to_string(),
        events,
        description,
        status: EndpointStatus::Enabled,
        created_at: now,
    })
}

#[cfg(test)]
mod tests;
