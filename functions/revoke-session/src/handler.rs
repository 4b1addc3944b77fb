//! The endpoint.

use paywarden_domain::audit::Changed;
use paywarden_domain::id::SessionId;
use paywarden_domain::session::Session;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Revokes a session of one of the merchant's clients or people, the caller's own among them.
pub async fn handle(deps: &Deps, caller: Caller, request: ApiRequest) -> Result<Answer, Problem> {
    let id = request.path_id("id", SessionId::parse)?;
    let found = deps.sessions.find(&id).await?.filter(|session| session.merchant_id == caller.merchant_id);
    let session = found.ok_or_else(|| Problem::not_found("session"))?;
    let now = deps.clock.now();
    deps.sessions.revoke(&id, now).await?;
    let before = session.to_json(&caller.zone);
    let session = Session { revoked_at: session.revoked_at.or(Some(now)), ..session };
    let shown = session.to_json(&caller.zone);
    let answer = Answer::ok(&json!({"status": true, "session": shown}))?;
    Ok(answer.with_change(Changed::between(before, shown)))
}

#[cfg(test)]
mod tests;
