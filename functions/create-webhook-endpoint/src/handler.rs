//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::webhook::Endpoint;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::webhooks::BookedDelivery;
use paywarden_webhooks::endpoints::AddError;
use paywarden_webhooks::endpoints::settings::read_new;
use paywarden_webhooks::endpoints::view::{show_new, with_secret};
use serde_json::{Value, json};

use crate::deps::Deps;

/// Creates an endpoint, shows its secret, and tries it out if that is wanted.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let (wanted, is_tried) = read(deps, &caller, &request.json()?)?;
    let (endpoint, key) = deps.adder.add(wanted).await.map_err(|error| match error {
        AddError::TooMany => Problem::conflict("too_many_endpoints", error.to_string()),
        AddError::Store(error) => error.into(),
    })?;
    let delivery = match is_tried {
        true => Some(deps.trials.send(&endpoint, &caller.zone, &request.correlation_id).await?),
        false => None,
    };
    let delivery = delivery.map(|delivery| BookedDelivery::from(delivery).to_json(&caller.zone));
    let shown = with_secret(show_new(&endpoint, &caller.zone), &key);
    let answer = Answer::created(&json!({"status": true, "webhook_endpoint": shown, "delivery": delivery}))?;
    let change = Changed::to(endpoint.to_json(&caller.zone));
    Ok(answer.with_version(endpoint.version).with_change(change))
}

/// The endpoint as it is wanted, and whether a test event is.
fn read(deps: &Deps, caller: &Caller, body: &Value) -> Result<(Endpoint, bool), InvalidField> {
    let fields = Fields::of(body)?;
    let wanted = read_new(deps.adder.blank(&caller.merchant_id), &fields, deps.policy)?;
    let is_tried = fields.flag("test")?.unwrap_or(false);
    fields.finish()?;
    Ok((wanted, is_tried))
}

#[cfg(test)]
mod tests;
