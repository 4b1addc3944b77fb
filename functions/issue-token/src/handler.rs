//! The endpoint. Its answers, refusals included, have the shapes of RFC 6749, sections 5.1 and 5.2.

use lambda_http::http::header::{CACHE_CONTROL, HeaderValue, PRAGMA};
use paywarden_domain::access::Scope;
use paywarden_domain::client::Client;
use paywarden_domain::id::ClientId;
use paywarden_domain::secret;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::caller::Caller;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_lambda_kit::token::LIFETIME_SECONDS;
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
    if !client.allowed_addresses.allow(request.address) {
        return Err(Refusal::UnauthorizedClient);
    }
    let scopes = client.granted(form.get("scope")).ok_or(Refusal::InvalidScope)?;
    let answer = token(deps, &client, scopes).await?;
    note_use(deps, &client).await;
    Ok(answer)
}

/// The client whose secret this is. An unknown client, a wrong secret and a revoked client end the same way, until a client
/// that exists has failed too often: who has the right secret never gets there.
async fn authenticate(deps: &Deps, presented: &Credentials) -> Result<Client, Refusal> {
    let client = match ClientId::parse(&presented.client_id) {
        Ok(id) => deps.clients.find(&id).await.map_err(Problem::from)?,
        Err(_) => None,
    };
    let secret = presented.client_secret.as_str();
    let right = match &client {
        Some(client) => client.has_secret(secret, deps.clock.now()),
        None => secret::verify(secret, NO_HASH),
    };
    match client {
        Some(client) if right && client.is_live() => Ok(client),
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

/// Notes that the client is used, so seldom that a token costs no write. What cannot be noted keeps nobody from a token.
async fn note_use(deps: &Deps, client: &Client) {
    let now = deps.clock.now();
    if !client.is_use_news(now) {
        return;
    }
    if let Err(error) = deps.clients.note_use(&client.id, now).await {
        Problem::from(error).log();
    }
}

async fn token(deps: &Deps, client: &Client, scopes: Vec<Scope>) -> Result<Answer, Problem> {
    let merchant = deps.merchants.get(&client.merchant_id).await?;
    let caller = Caller {
        merchant_id: client.merchant_id.clone(),
        client_id: client.id.clone(),
        role: client.role,
        scopes,
        zone: merchant.zone,
        expires_at: deps.tokens.expiry(),
    };
    let token = deps
        .tokens
        .issue(&caller, &client.allowed_addresses)
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
