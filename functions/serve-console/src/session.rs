//! Who signed in: the tokens in their cookies, and what the access token says. It is not verified here, for nothing is decided by it:
//! the API does that at every request. What it says is which menu to show, and on whose clocks times are.

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use paywarden_api_client::{Api, ClientError};
use paywarden_domain::access::{Role, Scope};
use paywarden_domain::time::{Timestamp, Zone};
use serde::Deserialize;

use crate::cookies::{self, ACCESS, SESSION};

/// A token that ends sooner than this is exchanged for another: a page may need it several times.
const MARGIN_SECONDS: i64 = 60;

/// Somebody who signed in.
#[derive(Debug, Clone)]
pub struct Who {
    /// Their own id, or that of the client they signed in with.
    pub principal: String,
    pub role: Role,
    pub scopes: Vec<Scope>,
    pub zone: Zone,
}

/// Their access token, and the cookies that their browser has to keep from now on, if there are new ones.
#[derive(Debug, Clone)]
pub struct Session {
    pub who: Who,
    pub token: String,
    pub new_cookies: Vec<String>,
}

/// What `POST /oauth/token` gives.
#[derive(Deserialize)]
pub struct Tokens {
    pub access_token: String,
    pub expires_in: i64,
    /// Of a session; without one there is nothing to go on with.
    pub refresh_token: Option<String>,
    pub refresh_token_expires_in: Option<i64>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    role: String,
    scope: String,
    zoneinfo: String,
    exp: i64,
}

/// The session that a request's cookies stand for, gone on with if it has to be; nothing when there is none any more.
///
/// # Errors
/// [`ClientError`] when that cannot be told now.
pub async fn find(api: &Api, headers: &HeaderMap, now: Timestamp) -> Result<Option<Session>, ClientError> {
    if let Some(token) = cookies::find(headers, ACCESS)
        && let Some((who, ends)) = read(token)
        && ends > now.plus_seconds(MARGIN_SECONDS)
    {
        return Ok(Some(Session { who, token: token.to_owned(), new_cookies: Vec::new() }));
    }
    let Some(refresh_token) = cookies::find(headers, SESSION) else {
        return Ok(None);
    };
    match ask(api, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await {
        Ok(tokens) => begin(&tokens).map(Some),
        Err(ClientError::Refused(refusal)) if (400..429).contains(&refusal.status) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Asks for tokens.
///
/// # Errors
/// [`ClientError`], such as a refusal.
pub async fn ask(api: &Api, parameters: &[(&str, &str)]) -> Result<Tokens, ClientError> {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let request = api.at(http::Method::POST, &format!("{}/oauth/token", api.url()));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    request.send().await?.accepted()?.json()
}

/// The session that begins, or goes on, with these tokens.
///
/// # Errors
/// [`ClientError::Unexpected`] when the access token is none of ours.
pub fn begin(tokens: &Tokens) -> Result<Session, ClientError> {
    let unexpected =
        || ClientError::Unexpected { detail: "no access token of ours".to_owned(), text: String::new() };
    let (who, _) = read(&tokens.access_token).ok_or_else(unexpected)?;
    let mut new_cookies = vec![cookies::set(ACCESS, &tokens.access_token, tokens.expires_in)];
    if let (Some(token), Some(seconds)) = (&tokens.refresh_token, tokens.refresh_token_expires_in) {
        new_cookies.push(cookies::set(SESSION, token, seconds));
    }
    Ok(Session { who, token: tokens.access_token.clone(), new_cookies })
}

/// What a token says, and when it ends.
fn read(token: &str) -> Option<(Who, Timestamp)> {
    let payload = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    let scopes = claims.scope.split(' ').filter_map(|scope| Scope::parse(scope).ok()).collect();
    let who = Who {
        principal: claims.sub,
        role: Role::parse(&claims.role).ok()?,
        scopes,
        zone: Zone::parse(&claims.zoneinfo).ok()?,
    };
    Some((who, Timestamp::from_seconds(claims.exp).ok()?))
}
