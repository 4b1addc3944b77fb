//! The decision.

use std::collections::HashMap;
use std::net::IpAddr;

use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::token::TokenError;
use paywarden_lambda_kit::worker::WorkerError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::deps::Deps;

/// The parts of the gateway's event that matter here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerEvent {
    method_arn: String,
    #[serde(default)]
    headers: Option<HashMap<String, String>>,
    #[serde(default)]
    multi_value_headers: Option<HashMap<String, Vec<String>>>,
    #[serde(default)]
    request_context: RequestContext,
}

/// What the gateway knows of the request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    #[serde(default)]
    identity: Identity,
}

/// Who called it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(default)]
    source_ip: Option<String>,
}

impl AuthorizerEvent {
    /// Where the request came from, as the gateway saw it.
    fn address(&self) -> Option<IpAddr> {
        self.request_context.identity.source_ip.as_deref()?.parse().ok()
    }
}

/// Allows the whole API to the holder of a valid token, and denies it to anybody else: the gateway keeps the answer for
/// every route of the stage and this token from this address, so it says who calls, and each function checks the scopes. The
/// gateway's response to a denial is a 401. A refusal is an answer and no failure, so that failures of this function are our own.
pub async fn handle(deps: &Deps, event: AuthorizerEvent) -> Result<Value, WorkerError> {
    let stage = stage_arn(&event.method_arn);
    let Some(token) = bearer(&event) else {
        return Ok(denial(&stage));
    };
    match deps.tokens.verify(token, event.address()).await {
        Ok(caller) => Ok(permission(&caller, &stage)),
        Err(TokenError::Invalid(reason)) => {
            tracing::info!(reason, "token refused");
            Ok(denial(&stage))
        }
        Err(TokenError::Store(error)) => Err(error.into()),
    }
}

fn bearer(event: &AuthorizerEvent) -> Option<&str> {
    let (scheme, token) = authorization(event)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The one header that presents a token. Of two, which differ in the case of their name or not, the gateway might keep
/// its answer under one while the other is looked at here.
fn authorization(event: &AuthorizerEvent) -> Option<&str> {
    let is_named = |name: &str| name.eq_ignore_ascii_case("authorization");
    let mut values = event.headers.iter().flatten().filter(|(name, _)| is_named(name));
    let (_, value) = values.next()?;
    let lists = event.multi_value_headers.iter().flatten().filter(|(name, _)| is_named(name));
    let several = values.next().is_some() || lists.flat_map(|(_, values)| values).count() > 1;
    (!several).then_some(value.as_str())
}

fn permission(caller: &Caller, stage: &str) -> Value {
    json!({
        "principalId": caller.principal,
        "policyDocument": policy("Allow", stage),
        "context": caller.to_context(),
    })
}

fn denial(stage: &str) -> Value {
    json!({"principalId": "nobody", "policyDocument": policy("Deny", stage)})
}

fn policy(effect: &str, stage: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": stage}],
    })
}

/// `arn:…:api/stage/GET/path` becomes `arn:…:api/stage/*`.
fn stage_arn(method_arn: &str) -> String {
    let stage: Vec<&str> = method_arn.splitn(3, '/').take(2).collect();
    format!("{}/*", stage.join("/"))
}

#[cfg(test)]
mod tests;
