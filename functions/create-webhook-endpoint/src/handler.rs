//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::webhook::{EventType, url};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_webhooks::endpoints::{AddError, Wanted};
use serde_json::{Value, json};

use crate::deps::Deps;

/// Longest description, in characters.
const DESCRIPTION_CHARACTERS: usize = 256;

/// Creates an endpoint and shows its secret.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let wanted = read(deps, &request.json()?)?;
    let added = deps.keeper.add(&caller.merchant_id, wanted).await;
    let (endpoint, secret) = added.map_err(|error| match error {
        AddError::TooMany => Problem::conflict("too_many_endpoints", error.to_string()),
        AddError::Store(error) => error.into(),
    })?;
    let change = Changed::to(endpoint.to_json(&caller.zone));
    let mut shown = endpoint.to_json(&caller.zone);
    if let Value::Object(members) = &mut shown {
        members.insert("secret".to_owned(), json!(secret.reveal()));
    }
    Ok(Answer::created(&json!({"status": true, "webhook_endpoint": shown}))?.with_change(change))
}

fn read(deps: &Deps, body: &Value) -> Result<Wanted, InvalidField> {
    let fields = Fields::of(body)?;
    let url = fields.required("url", |text| url::parse(text, deps.policy))?;
    let mut events = fields.words("events", EventType::parse)?.unwrap_or_else(|| EventType::DEFAULT.to_vec());
    if events.is_empty() {
        let message = format!("expected at least one of {}", EventType::WORDS.join(", "));
        return Err(fields.refused("events", message));
    }
    events.sort();
    events.dedup();
    let description = fields.text("description", DESCRIPTION_CHARACTERS)?;
    fields.finish()?;
    Ok(Wanted { url: url.to_string(), events, description })
}

#[cfg(test)]
mod tests;
