//! `grant_type=refresh_token` (RFC 6749, section 6): a session goes on, under another refresh token.

use paywarden_domain::access::Scope;
use paywarden_domain::session::{Holder, Presented, RefreshToken, Session};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::Form;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use paywarden_store::StoreError;

use crate::authenticate::authenticate;
use crate::bearer::Bearer;
use crate::credentials;
use crate::deps::Deps;
use crate::grant::Grant;
use crate::identity::IdentityProvider;
use crate::refusal::Refusal;
use crate::scopes;

/// How often a session is looked at that others use at the same time.
const LOOKS: usize = 3;

/// A token for whoever holds a session's refresh token. A client is read again, so what it may is what it may now.
pub async fn issue(deps: &Deps, request: &ApiRequest, form: &Form) -> Result<Answer, Refusal> {
    let presented = form.get("refresh_token").ok_or(Refusal::InvalidRequest("refresh_token is required"))?;
    let token = RefreshToken::parse(presented).ok_or(Refusal::InvalidGrant)?;
    let session = found(deps, &token).await?;
    check(deps, request, form, &session).await?;
    let (bearer, allowed) = bearer(deps, &session).await?;
    if !bearer.addresses().allow(request.address) {
        return Err(Refusal::UnauthorizedClient);
    }
    let scopes = granted(&allowed, form.get("scope"))?;
    let (session, next) = go_on(deps, request, session, &token).await?;
    Ok(Grant { bearer: &bearer, scopes, session: Some((&session, &next)), issued: None }.answer(deps).await?)
}

/// Whose session it is, and what it may now.
async fn bearer(deps: &Deps, session: &Session) -> Result<(Bearer, Vec<Scope>), Refusal> {
    match &session.holder {
        Holder::Client { client_id, .. } => {
            let client = deps.clients.find(client_id).await?.ok_or(Refusal::InvalidGrant)?;
            let allowed = session.granted(&client, deps.clock.now());
            Ok((Bearer::Client(Box::new(client)), allowed))
        }
        Holder::Person(person) => {
            let allowed = session.granted_to_person(deps.identity.as_ref().map(IdentityProvider::url));
            let (merchant_id, person) = (session.merchant_id.clone(), person.clone());
            Ok((Bearer::Person { merchant_id, person }, allowed))
        }
    }
}

/// The session of a token that is good, or was a moment ago. One that comes with a token from before is over for all who hold it.
async fn found(deps: &Deps, token: &RefreshToken) -> Result<Session, Refusal> {
    let now = deps.clock.now();
    let session = deps.sessions.find(&token.session_id()).await?.ok_or(Refusal::InvalidGrant)?;
    match session.presented(token, now) {
        Presented::Good | Presented::Again => Ok(session),
        Presented::Over => Err(Refusal::InvalidGrant),
        Presented::Reused => {
            tracing::warn!(
                merchant_id = session.merchant_id.as_str(),
                holder = session.principal().as_str(),
                session_id = session.id.as_str(),
                "a refresh token was used twice, the session is revoked"
            );
            deps.sessions.revoke(&session.id, now).await?;
            Err(Refusal::InvalidGrant)
        }
    }
}

/// A holder need not say who it is. Who says so has to be the session's client, and prove it if it presents a secret.
async fn check(deps: &Deps, request: &ApiRequest, form: &Form, session: &Session) -> Result<(), Refusal> {
    if let Some(presented) = credentials::read_any(&request.headers, form)? {
        authenticate(deps, &presented).await?;
        return same(&presented.client_id, session);
    }
    form.get("client_id").map_or(Ok(()), |id| same(id, session))
}

fn same(id: &str, session: &Session) -> Result<(), Refusal> {
    let client = session.principal().client().map(|client| client.as_str() == id);
    if client == Some(true) { Ok(()) } else { Err(Refusal::InvalidGrant) }
}

/// What the session may, or what is asked for if it may all of that.
fn granted(allowed: &[Scope], asked: Option<&str>) -> Result<Vec<Scope>, Refusal> {
    if allowed.is_empty() {
        return Err(Refusal::InvalidGrant);
    }
    scopes::granted(allowed, asked).ok_or(Refusal::InvalidScope)
}

/// Uses the token, and gives the next one. Of several who use it at the same moment one does, and all get what that one got.
async fn go_on(
    deps: &Deps,
    request: &ApiRequest,
    mut session: Session,
    token: &RefreshToken,
) -> Result<(Session, RefreshToken), Refusal> {
    let next = next(deps, token).await?;
    for _ in 0..LOOKS {
        let now = deps.clock.now();
        if session.presented(token, now) == Presented::Again {
            // Under another key there would be another one, which is none.
            let is_given = session.token_hash == next.hash();
            return if is_given { Ok((session, next)) } else { Err(Refusal::InvalidGrant) };
        }
        let before = session.token_hash.clone();
        let used = session.used(&next, request.address, now);
        match deps.sessions.replace(&used, &before).await {
            Ok(()) => return Ok((used, next)),
            Err(StoreError::Conflict) => session = found(deps, token).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::unavailable().into())
}

async fn next(deps: &Deps, token: &RefreshToken) -> Result<RefreshToken, Problem> {
    let ring = deps.keys.keys(false).await?;
    let next = ring.active_key().and_then(|(_, key)| token.next(key));
    next.ok_or_else(|| Problem::internal("the key ring has no active key"))
}
