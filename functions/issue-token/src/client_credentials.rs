//! `grant_type=client_credentials` (RFC 6749, section 4.4).

use paywarden_domain::access::Scope;
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::Form;
use paywarden_lambda_kit::request::ApiRequest;

use crate::authenticate::{Proven, authenticate};
use crate::credentials;
use crate::deps::Deps;
use crate::grant::Grant;
use crate::refusal::Refusal;

/// Among the scopes that are asked for, the word for a refresh token (OpenID Connect Core, section 11).
const OFFLINE_ACCESS: &str = "offline_access";

/// A token for a client, and a session for one that asks for it.
pub async fn issue(deps: &Deps, request: &ApiRequest, form: &Form) -> Result<Answer, Refusal> {
    let presented = credentials::read(&request.headers, form)?;
    let proven = authenticate(deps, &presented).await?;
    let client = &proven.client;
    if !client.allowed_addresses.allow(request.address) {
        return Err(Refusal::UnauthorizedClient);
    }
    let (asked, goes_on) = asked(form);
    let scopes = client.granted(asked.as_deref()).ok_or(Refusal::InvalidScope)?;
    if !goes_on {
        return Ok(Grant { client, scopes, session: None }.answer(deps).await?);
    }
    let own = asked.map(|_| scopes.clone());
    let (session, token) = begin(deps, &proven, own, request).await?;
    Ok(Grant { client, scopes, session: Some((&session, &token)) }.answer(deps).await?)
}

/// The scopes that are asked for, if any are, and whether the client wants to go on without its secret.
fn asked(form: &Form) -> (Option<String>, bool) {
    let words = form.get("scope").unwrap_or_default().split_whitespace();
    let (goes_on, scopes): (Vec<&str>, Vec<&str>) = words.partition(|word| *word == OFFLINE_ACCESS);
    (Some(scopes.join(" ")).filter(|scopes| !scopes.is_empty()), !goes_on.is_empty())
}

async fn begin(
    deps: &Deps,
    proven: &Proven,
    scopes: Option<Vec<Scope>>,
    request: &ApiRequest,
) -> Result<(Session, RefreshToken), Refusal> {
    let token = RefreshToken::generate(deps.entropy.as_ref());
    let session = Session::begin(&proven.client, &proven.secret_hash, &token, deps.clock.now());
    let session = Session { scopes, address: request.address, ..session };
    deps.sessions.begin(&session).await?;
    Ok((session, token))
}
