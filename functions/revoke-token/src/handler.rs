//! The endpoint (RFC 7009, section 2).

use paywarden_domain::session::{Presented, RefreshToken};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::Form;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::json;

use crate::deps::Deps;

/// Ends the session of a refresh token, also of one that was used before: whoever has it signs out. What is no token of ours is
/// answered alike (section 2.2). Who the client is does not matter: to hold the token is to be able to use it.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let form = match Form::parse(&request.body) {
        Ok(form) => form,
        Err(invalid) => return refused("invalid_request", invalid.0),
    };
    let Some(presented) = form.get("token") else {
        return refused("invalid_request", "token is required, in a form body");
    };
    if is_access_token(presented) {
        return refused("unsupported_token_type", "expected a refresh token; an access token ends by itself");
    }
    if let Some(token) = RefreshToken::parse(presented) {
        revoke(deps, &token).await?;
    }
    Answer::ok(&json!({}))
}

async fn revoke(deps: &Deps, token: &RefreshToken) -> Result<(), Problem> {
    let now = deps.clock.now();
    match deps.sessions.find(&token.session_id()).await? {
        Some(session) if session.presented(token, now) != Presented::Over => {
            Ok(deps.sessions.revoke(&session.id, now).await?)
        }
        _ => Ok(()),
    }
}

/// Whether it is written like one: three parts.
fn is_access_token(text: &str) -> bool {
    text.split('.').count() == 3
}

/// A refusal as RFC 6749 has them, section 5.2.
fn refused(error: &str, description: &str) -> Result<Answer, Problem> {
    Answer::json(400, &json!({"error": error, "error_description": description}))
}

#[cfg(test)]
mod tests;
