//! The stage's identity provider, as a relying party sees it: code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).
//! Whether what it gives is worth anything, `issue-token` decides.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use paywarden_api_client::{Api, ClientError, Method, Transport};
use paywarden_domain::entropy::{Entropy, random_bytes};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::asked::Asked;

/// How long somebody may take at the provider.
pub const SECONDS_TO_SIGN_IN: i64 = 600;

pub struct IdentityProvider {
    issuer: String,
    /// The id under which it knows the console, which has no secret.
    client_id: String,
    web: Api,
    endpoints: OnceCell<Endpoints>,
}

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Deserialize)]
struct Endpoints {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

/// A sign-in that has begun.
pub struct Begun {
    pub state: String,
    pub nonce: String,
    /// The secret of this sign-in, which the provider knows by its hash.
    pub verifier: String,
    pub return_to: String,
}

impl IdentityProvider {
    /// The provider with this issuer and client id, if a stage has one.
    pub fn of(settings: Option<(String, String)>, transport: &Arc<dyn Transport>) -> Option<Self> {
        let (issuer, client_id) = settings?;
        let web = Api::anonymous(Arc::clone(transport), &issuer);
        Some(Self { issuer, client_id, web, endpoints: OnceCell::new() })
    }

    /// Where somebody who signs in is sent.
    ///
    /// # Errors
    /// [`ClientError`] when the provider cannot be asked for its addresses.
    pub async fn address(&self, begun: &Begun, redirect_uri: &str) -> Result<String, ClientError> {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(begun.verifier.as_bytes()));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", self.client_id.as_str()),
                ("response_type", "code"),
                ("scope", "openid profile email"),
                ("redirect_uri", redirect_uri),
                ("state", &begun.state),
                ("nonce", &begun.nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        Ok(format!("{}?{query}", self.endpoints().await?.authorization_endpoint))
    }

    /// The ID token for a code.
    ///
    /// # Errors
    /// [`ClientError`], such as a code that was used.
    pub async fn redeem(&self, begun: &Begun, code: &str, redirect_uri: &str) -> Result<String, ClientError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("client_id", self.client_id.as_str()),
                ("redirect_uri", redirect_uri),
                ("code", code),
                ("code_verifier", &begun.verifier),
            ])
            .finish();
        let request = self.web.at(Method::POST, &self.endpoints().await?.token_endpoint);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        request.send().await?.accepted()?.member("id_token")
    }

    async fn endpoints(&self) -> Result<&Endpoints, ClientError> {
        self.endpoints.get_or_try_init(|| self.discover()).await
    }

    async fn discover(&self) -> Result<Endpoints, ClientError> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let found: Endpoints = self.web.at(Method::GET, &address).send().await?.accepted()?.json()?;
        if found.issuer == self.issuer {
            Ok(found)
        } else {
            Err(ClientError::Unexpected {
                detail: "it describes another issuer".to_owned(),
                text: found.issuer,
            })
        }
    }
}

impl Begun {
    pub fn new(entropy: &dyn Entropy, return_to: &str) -> Self {
        let random = || BASE64URL_NOPAD.encode(&random_bytes::<32>(entropy));
        Self { state: random(), nonce: random(), verifier: random(), return_to: return_to.to_owned() }
    }

    /// What the browser keeps until it is back. Whoever could write it, being another site, could not: it is of this host only.
    pub fn to_cookie(&self) -> String {
        let return_to = BASE64URL_NOPAD.encode(self.return_to.as_bytes());
        [self.state.as_str(), &self.nonce, &self.verifier, &return_to].join(".")
    }

    pub fn of_cookie(value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.split('.').collect();
        let [state, nonce, verifier, return_to] = parts[..] else {
            return None;
        };
        let return_to = String::from_utf8(BASE64URL_NOPAD.decode(return_to.as_bytes()).ok()?).ok()?;
        Some(Self {
            state: state.to_owned(),
            nonce: nonce.to_owned(),
            verifier: verifier.to_owned(),
            return_to: super::form::inside(&return_to),
        })
    }

    /// The code that came back, if it belongs to this sign-in and to this provider (RFC 9207).
    pub fn code<'a>(&self, query: &'a Asked, provider: &IdentityProvider) -> Option<&'a str> {
        let is_ours = query.get("state") == Some(self.state.as_str());
        let is_theirs = query.get("iss").is_none_or(|issuer| issuer == provider.issuer);
        query.get("code").filter(|_| is_ours && is_theirs)
    }
}
