//! The decision.

use std::collections::HashMap;

use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::token::TokenError;
use paywarden_lambda_kit::worker::WorkerError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::deps::Deps;

/// The one error text that the gateway turns into a 401.
const UNAUTHORIZED: &str = "Unauthorized";

/// The parts of the gateway's event that matter here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerEvent {
    method_arn: String,
    #[serde(default)]
    headers: Option<HashMap<String, String>>,
}

/// Allows the whole API to the holder of a valid token: the gateway keeps the answer for every route of the stage, so
/// it says who calls, and each function checks the scopes.
pub async fn handle(deps: &Deps, event: AuthorizerEvent) -> Result<Value, WorkerError> {
    let token = bearer(event.headers.as_ref()).ok_or(UNAUTHORIZED)?;
    match deps.tokens.verify(token).await {
        Ok(caller) => Ok(policy(&caller, &event.method_arn)),
        Err(TokenError::Invalid(reason)) => {
            tracing::info!(reason, "token refused");
            Err(UNAUTHORIZED.into())
        }
        Err(TokenError::Store(error)) => Err(error.into()),
    }
}

fn bearer(headers: Option<&HashMap<String, String>>) -> Option<&str> {
    let (_, value) = headers?.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn policy(caller: &Caller, method_arn: &str) -> Value {
    json!({
        "principalId": caller.client_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": stage_arn(method_arn)}],
        },
        "context": caller.to_context(),
    })
}

/// `arn:…:api/stage/GET/path` becomes `arn:…:api/stage/*`.
fn stage_arn(method_arn: &str) -> String {
    let stage: Vec<&str> = method_arn.splitn(3, '/').take(2).collect();
    format!("{}/*", stage.join("/"))
}

#[cfg(test)]
mod tests;
