//! The endpoint. Its answers, refusals included, have the shapes of RFC 6749, sections 5.1 and 5.2.

use std::collections::HashMap;

use data_encoding::BASE64;
use lambda_http::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use paywarden_domain::access::Scope;
use paywarden_domain::id::ClientId;
use paywarden_domain::secret;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_lambda_kit::token::LIFETIME_SECONDS;
use paywarden_store::clients::Client;
use serde_json::json;

use crate::deps::Deps;

/// Longest request that is read, in bytes.
const MAX_BODY_BYTES: usize = 8 * 1024;

/// A hash of no secret. Checking it for a client that does not exist takes as long as for one that does.
const NO_HASH: &str = "sha256$00000000000000000000000000000000$";

/// The refusals of RFC 6749, section 5.2.
enum Refusal {
    InvalidRequest(&'static str),
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
}

struct Credentials {
    client_id: String,
    client_secret: String,
}

/// Issues a token.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let asked = match read(&request) {
        Ok(asked) => asked,
        Err(refusal) => return refuse(&refusal),
    };
    let Some(client) = authenticate(deps, &asked.credentials).await? else {
        return refuse(&Refusal::InvalidClient);
    };
    let Some(scopes) = granted(&client, asked.scope.as_deref()) else {
        return refuse(&Refusal::InvalidScope);
    };
    let merchant = deps.merchants.get(&client.merchant_id).await?;
    let caller = Caller {
        merchant_id: client.merchant_id,
        client_id: client.id,
        role: client.role,
        scopes,
        zone: merchant.zone,
        expires_at: deps.tokens.expiry(),
    };
    let token = deps
        .tokens
        .issue(&caller)
        .await
        .map_err(|error| Problem::unavailable().with_detail(error.to_string()))?;
    let scope: Vec<&str> = caller.scopes.iter().map(|scope| scope.as_str()).collect();
    let answer = Answer::ok(&json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "scope": scope.join(" "),
    }))?;
    Ok(answer.with_header(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

struct Asked {
    credentials: Credentials,
    scope: Option<String>,
}

fn read(request: &ApiRequest) -> Result<Asked, Refusal> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(Refusal::InvalidRequest("expected a shorter body"));
    }
    let mut form = HashMap::new();
    for (name, value) in form_urlencoded::parse(&request.body) {
        if form.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::InvalidRequest("expected each parameter once"));
        }
    }
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("grant_type is required, in a form body")),
    }
    let credentials = match request.headers.get(AUTHORIZATION) {
        Some(header) => basic(header).ok_or(Refusal::InvalidClient)?,
        None => Credentials {
            client_id: form.remove("client_id").ok_or(Refusal::InvalidClient)?,
            client_secret: form.remove("client_secret").ok_or(Refusal::InvalidClient)?,
        },
    };
    Ok(Asked { credentials, scope: form.remove("scope").filter(|scope| !scope.trim().is_empty()) })
}

/// HTTP Basic, both parts form-encoded as RFC 6749, section 2.3.1 says.
fn basic(header: &HeaderValue) -> Option<Credentials> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(Credentials { client_id: form_decoded(id)?, client_secret: form_decoded(secret)? })
}

fn form_decoded(text: &str) -> Option<String> {
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned())
}

/// The client whose secret this is. An unknown client and a wrong secret end the same way.
async fn authenticate(deps: &Deps, credentials: &Credentials) -> Result<Option<Client>, Problem> {
    let client = match ClientId::parse(&credentials.client_id) {
        Ok(id) => deps.clients.find(&id).await?,
        Err(_) => None,
    };
    let kept = client.as_ref().map_or(NO_HASH, |client| client.secret_hash.as_str());
    let right = secret::verify(&credentials.client_secret, kept);
    Ok(client.filter(|client| right && client.revoked_at.is_none()))
}

/// All of the role's scopes, or those asked for if the role has them all.
fn granted(client: &Client, asked: Option<&str>) -> Option<Vec<Scope>> {
    let allowed = client.role.scopes();
    let Some(asked) = asked else {
        return Some(allowed.to_vec());
    };
    let scopes: Vec<Scope> = asked.split_whitespace().map(Scope::parse).collect::<Result<_, _>>().ok()?;
    scopes.iter().all(|scope| allowed.contains(scope)).then_some(scopes)
}

fn refuse(refusal: &Refusal) -> Result<Answer, Problem> {
    let (status, error, description) = match refusal {
        Refusal::InvalidRequest(description) => (400, "invalid_request", *description),
        Refusal::InvalidClient => (401, "invalid_client", "expected a client id with its secret"),
        Refusal::UnsupportedGrantType => (400, "unsupported_grant_type", "expected client_credentials"),
        Refusal::InvalidScope => {
            (400, "invalid_scope", "expected scopes of the client's role, separated by spaces")
        }
    };
    let answer = Answer::json(status, &json!({"error": error, "error_description": description}))?
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(match status {
        401 => answer.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"paywarden\"")),
        _ => answer,
    })
}

#[cfg(test)]
mod tests;
