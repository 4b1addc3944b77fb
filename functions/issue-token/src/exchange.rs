//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): a person signs in as themselves with the ID token of
//! the stage's identity provider.

use paywarden_domain::access::Scope;
use paywarden_domain::id::MerchantId;
use paywarden_domain::person::Person;
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::form::Form;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;

use crate::bearer::Bearer;
use crate::credentials;
use crate::deps::Deps;
use crate::grant::Grant;
use crate::identity::{Presented, Unproven};
use crate::refusal::Refusal;
use crate::scopes::{self, Asked};

/// The name of this grant.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A token for the person for whom an ID token vouches, and a session if it is asked for.
pub async fn issue(deps: &Deps, request: &ApiRequest, form: &Form) -> Result<Answer, Refusal> {
    let provider = deps.identity.as_ref().ok_or(Refusal::UnsupportedGrantType)?;
    let presented = read(request, form)?;
    let admitted = provider.admit(&presented).await.map_err(refused)?;
    if deps.merchants.find(&admitted.merchant_id).await?.is_none() {
        tracing::warn!(
            merchant_id = admitted.merchant_id.as_str(),
            person_id = admitted.person.id.as_str(),
            "a person of a merchant that does not exist gets no token"
        );
        return Err(Refusal::InvalidRequest(NO_PLACE));
    }
    let (asked, allowed) = (Asked::of(form), admitted.person.role.scopes());
    let scopes = scopes::granted(allowed, asked.scopes.as_deref()).ok_or(Refusal::InvalidScope)?;
    let session = if asked.goes_on {
        let own = asked.scopes.map(|_| scopes.clone());
        Some(begin(deps, (admitted.merchant_id.clone(), admitted.person.clone()), own, request).await?)
    } else {
        None
    };
    let bearer = Bearer::Person { merchant_id: admitted.merchant_id, person: admitted.person };
    let session = session.as_ref().map(|(session, token)| (session, token));
    Ok(Grant { bearer: &bearer, scopes, session, issued: Some(ACCESS_TOKEN) }.answer(deps).await?)
}

/// What is said of a token, and of its person.
const NO_TOKEN: &str = "expected an ID token of this stage's issuer for its audience, in its time, with this nonce: sign in again";
const NO_PLACE: &str = "expected a person to whom the issuer gives one merchant of this stage and a role";

/// The token that is to be exchanged. It says by itself who its person is, so nobody else may say so beside it.
fn read<'a>(request: &ApiRequest, form: &'a Form) -> Result<Presented<'a>, Refusal> {
    if credentials::read_any(&request.headers, form)?.is_some() || form.get("actor_token").is_some() {
        return Err(Refusal::InvalidRequest("expected nothing beside the ID token that says who asks"));
    }
    if form.get("subject_token_type") != Some(ID_TOKEN) {
        return Err(Refusal::InvalidRequest(
            "expected subject_token_type urn:ietf:params:oauth:token-type:id_token",
        ));
    }
    if form.get("requested_token_type").is_some_and(|kind| kind != ACCESS_TOKEN) {
        return Err(Refusal::InvalidRequest(
            "expected requested_token_type to be left out, or to be an access token",
        ));
    }
    let token = form.get("subject_token").ok_or(Refusal::InvalidRequest("subject_token is required"))?;
    let nonce =
        form.get("nonce").ok_or(Refusal::InvalidRequest("nonce is required: the one the issuer was sent"))?;
    Ok(Presented { token, nonce })
}

/// RFC 8693, section 2.2.2, calls every token that is not taken an invalid request.
fn refused(unproven: Unproven) -> Refusal {
    match unproven {
        Unproven::Token(reason) => {
            tracing::info!(reason = reason.as_str(), "an ID token is refused");
            Refusal::InvalidRequest(NO_TOKEN)
        }
        Unproven::Claims(reason) => {
            tracing::info!(reason = %reason, "an ID token is refused");
            Refusal::InvalidRequest(if reason.is_of_a_person() { NO_PLACE } else { NO_TOKEN })
        }
        Unproven::Unreachable(error) => {
            let message = "the identity provider's keys cannot be read, try again in a moment";
            Problem::unavailable().with_message(message).with_detail(error.to_string()).into()
        }
    }
}

async fn begin(
    deps: &Deps,
    (merchant_id, person): (MerchantId, Person),
    scopes: Option<Vec<Scope>>,
    request: &ApiRequest,
) -> Result<(Session, RefreshToken), Refusal> {
    let token = RefreshToken::generate(deps.entropy.as_ref());
    let session = Session::begin_as(person, merchant_id, &token, deps.clock.now());
    let session = Session { scopes, address: request.address, ..session };
    deps.sessions.begin(&session).await?;
    Ok((session, token))
}
