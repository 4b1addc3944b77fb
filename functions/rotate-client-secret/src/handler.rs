//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::client::{Client, Replacement};
use paywarden_domain::fields::{Fields, InvalidField};
use paywarden_domain::id::ClientId;
use paywarden_domain::secret;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::deps::Deps;

/// Gives a client another secret and shows it. Whoever holds it can do what the client may, so the caller has to be able to.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", ClientId::parse)?;
    let overlap_seconds = read(&request.json()?)?;
    let found = deps.clients.find_of(&caller.merchant_id, &id).await?;
    let client = found.ok_or_else(|| Problem::not_found("client"))?;
    check(&client, &caller)?;
    let (now, secret) = (deps.clock.now(), secret::generate(deps.entropy.as_ref()));
    let hash = secret::hash(&secret, deps.entropy.as_ref());
    let replacement = client.replace_secret(hash, overlap_seconds, now);
    let before = client.to_json(&caller.zone, now);
    // A secret that is there already was put there by a try that was cut off.
    if client.secret_hash != replacement.secret_hash {
        deps.clients.replace_secret(&client, &replacement).await?;
    }
    let client = client.with_secret(replacement);
    let shown = client.to_json_with(&secret, &caller.zone, now);
    let answer = Answer::ok(&json!({"status": true, "client": shown}))?;
    Ok(answer.with_change(Changed::between(before, client.to_json(&caller.zone, now))))
}

fn check(client: &Client, caller: &Caller) -> Result<(), Problem> {
    if let Some(scope) = client.beyond(&caller.scopes) {
        return Err(Problem::forbidden(scope));
    }
    if client.is_live() {
        return Ok(());
    }
    Err(Problem::conflict("client_revoked", "the client is revoked: create another one"))
}

/// The seconds for which the secret before stays good.
fn read(body: &Value) -> Result<u32, InvalidField> {
    let fields = Fields::of(body)?;
    let seconds = fields.integer("previous_secret_valid_seconds", Replacement::OVERLAPS)?;
    fields.finish()?;
    Ok(seconds.unwrap_or(Replacement::OVERLAP_SECONDS))
}

#[cfg(test)]
mod tests;
