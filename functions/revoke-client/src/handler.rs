//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::client::Client;
use paywarden_domain::id::ClientId;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::clients::Revocation;
use serde_json::json;

use crate::deps::Deps;

/// Revokes a client. Whoever does so is there and stays, or signs in elsewhere, so the merchant is never left without one who may.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", ClientId::parse)?;
    let found = deps.clients.find_of(&caller.merchant_id, &id).await?;
    let client = found.ok_or_else(|| Problem::not_found("client"))?;
    let refused = client.may_be_revoked(&caller.principal);
    refused.map_err(|refusal| Problem::conflict("own_client", refusal.to_string()))?;
    let before = client.to_json(&caller.zone, deps.clock.now());
    let client = if client.is_live() { revoked(deps, &caller, client).await? } else { client };
    // None of them gets a token from here on; this ends them for whoever looks.
    deps.sessions.revoke_of(&caller.merchant_id, &client.id, deps.clock.now()).await?;
    let shown = client.to_json(&caller.zone, deps.clock.now());
    let answer = Answer::ok(&json!({"status": true, "client": shown}))?;
    Ok(answer.with_change(Changed::between(before, shown)))
}

async fn revoked(deps: &Deps, caller: &Caller, client: Client) -> Result<Client, Problem> {
    let now = deps.clock.now();
    match deps.clients.revoke(&client.id, &caller.principal, now).await? {
        Revocation::Done => Ok(Client { revoked_at: Some(now), previous_secret: None, ..client }),
        Revocation::ByNobody => Err(Problem::unauthorized()),
    }
}

#[cfg(test)]
mod tests;
