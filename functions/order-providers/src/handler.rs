//! The endpoint.

use std::collections::BTreeSet;

use paywarden_domain::audit::Changed;
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ProviderId;
use paywarden_domain::provider::Provider;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::QueryReader;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_roster::order::OrderError;
use paywarden_store::providers::Providers;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Orders the providers that the body names; the others keep their priorities.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    QueryReader::new(&request.query, &[])?;
    let ids = read(&request.json()?)?;
    let by = caller.actor();
    let ordered = deps.keeper.order(&caller.merchant_id, &ids, &by).await.map_err(|error| match error {
        OrderError::NotThere(_) => Problem::unprocessable("provider_ids", error.to_string()),
        OrderError::Store(error) => error.into(),
    })?;
    let priorities: Vec<Value> = ordered.iter().map(priority).collect();
    let answer = Answer::ok(&json!({"status": true, "priorities": priorities}))?;
    Ok(answer.with_change(Changed::to(json!({"priorities": priorities}))))
}

fn read(body: &Value) -> Result<Vec<ProviderId>, InvalidField> {
    let fields = Fields::of(body)?;
    let ids = fields.words("provider_ids", ProviderId::parse)?;
    let ids = ids.ok_or_else(|| fields.refused("provider_ids", "is required"))?;
    fields.finish()?;
    let most = Providers::AT_ONCE;
    if ids.is_empty() || ids.len() > most {
        return Err(fields.refused("provider_ids", format!("expected 1 to {most} providers")));
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(fields.refused("provider_ids", "expected each provider once"));
    }
    Ok(ids)
}

fn priority(provider: &Provider) -> Value {
    json!({
        "provider_id": provider.id,
        "name": provider.name,
        "priority": provider.priority,
        "version": provider.version,
    })
}

#[cfg(test)]
mod tests;
