//! The endpoint. Its answers, refusals included, have the shapes of RFC 6749, sections 5.1 and 5.2.

use lambda_http::http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
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

use crate::credentials::{self, Credentials};
use crate::deps::Deps;
use crate::form::Form;
use crate::refusal::Refusal;

/// A hash of no secret. Checking it for a client that does not exist takes as long as for one that does.
const NO_HASH: &str = "sha256$00000000000000000000000000000000$";

/// Issues a token.
pub async fn handle(deps: &Deps, request: ApiRequest) -> Result<Answer, Problem> {
    let answer = match issue(deps, &request).await {
        Ok(answer) => answer,
        Err(refusal) => refusal.into_answer()?,
    };
    Ok(not_kept(answer))
}

/// A failure of ours in the API's usual shape.
pub fn render(problem: &Problem, request_id: &str) -> Answer {
    not_kept(problem.to_answer(request_id))
}

/// No cache keeps an answer of this endpoint, whatever it says; `Pragma` speaks to those of HTTP/1.0.
fn not_kept(answer: Answer) -> Answer {
    answer
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(PRAGMA, HeaderValue::from_static("no-cache"))
}

async fn issue(deps: &Deps, request: &ApiRequest) -> Result<Answer, Refusal> {
    let form = Form::parse(&request.body)?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("grant_type is required, in a form body")),
    }
    let presented = credentials::read(&request.headers, &form)?;
    let client = authenticate(deps, &presented).await?;
    let scopes = granted(&client, form.get("scope")).ok_or(Refusal::InvalidScope)?;
    Ok(token(deps, client, scopes).await?)
}

/// The client whose secret this is. An unknown client, a wrong secret and a revoked client end the same way, until a client
/// that exists has failed too often: who has the right secret never gets there.
async fn authenticate(deps: &Deps, presented: &Credentials) -> Result<Client, Refusal> {
    let client = match ClientId::parse(&presented.client_id) {
        Ok(id) => deps.clients.find(&id).await.map_err(Problem::from)?,
        Err(_) => None,
    };
    let kept = client.as_ref().map_or(NO_HASH, |client| client.secret_hash.as_str());
    let right = secret::verify(&presented.client_secret, kept);
    match client {
        Some(client) if right && client.revoked_at.is_none() => Ok(client),
        Some(client) => Err(failed(deps, &client.id).await),
        None => Err(Refusal::InvalidClient),
    }
}

/// Counts the failure of a client that exists. What cannot be counted is refused all the same.
async fn failed(deps: &Deps, client: &ClientId) -> Refusal {
    match deps.failures.count(client).await {
        Ok(None) => Refusal::InvalidClient,
        Ok(Some(seconds)) => {
            let message = format!("too many failures of this client, try again in {seconds} seconds");
            Problem::throttled(message, seconds).into()
        }
        Err(error) => {
            Problem::from(error).log();
            Refusal::InvalidClient
        }
    }
}

/// All of the role's scopes, or those asked for if the role has them all.
fn granted(client: &Client, asked: Option<&str>) -> Option<Vec<Scope>> {
    let allowed = client.role.scopes();
    let Some(asked) = asked.filter(|scopes| !scopes.trim().is_empty()) else {
        return Some(allowed.to_vec());
    };
    let scopes: Vec<Scope> = asked.split_whitespace().map(Scope::parse).collect::<Result<_, _>>().ok()?;
    scopes.iter().all(|scope| allowed.contains(scope)).then_some(scopes)
}

async fn token(deps: &Deps, client: Client, scopes: Vec<Scope>) -> Result<Answer, Problem> {
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
    Answer::ok(&json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "scope": scope.join(" "),
    }))
}

#[cfg(test)]
mod tests;
