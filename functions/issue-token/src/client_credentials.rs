//! `grant_type=client_credentials` (RFC 6749, section 4.4).

use paywarden_domain::access::Scope;
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::Form;
use paywarden_lambda_kit::request::ApiRequest;

use crate::authenticate::{Proven, authenticate};
use crate::bearer::Bearer;
use crate::credentials;
use crate::deps::Deps;
use crate::grant::Grant;
use crate::refusal::Refusal;
use crate::scopes::Asked;

/// A token for a client, and a session for one that asks for it.
pub async fn issue(deps: &Deps, request: &ApiRequest, form: &Form) -> Result<Answer, Refusal> {
    let presented = credentials::read(&request.headers, form)?;
    let proven = authenticate(deps, &presented).await?;
    let client = &proven.client;
    if !client.allowed_addresses.allow(request.address) {
        return Err(Refusal::UnauthorizedClient);
    }
    let asked = Asked::of(form);
    let scopes = client.granted(asked.scopes.as_deref()).ok_or(Refusal::InvalidScope)?;
    let session = if asked.goes_on {
        let own = asked.scopes.map(|_| scopes.clone());
        Some(begin(deps, &proven, own, request).await?)
    } else {
        None
    };
    let session = session.as_ref().map(|(session, token)| (session, token));
    let bearer = Bearer::Client(Box::new(proven.client));
    Ok(Grant { bearer: &bearer, scopes, session, issued: None }.answer(deps).await?)
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
