//! What a stage says of its identity provider.

use serde_json::{Map, Value};
use url::{Host, Url};

use crate::access::Role;
use crate::id::MerchantId;

/// The settings as they are written; empty ones are left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings<'a> {
    /// The provider's address, as its tokens have it in `iss`. Without it nobody signs in as themselves.
    pub issuer: &'a str,
    /// The id under which the provider knows whoever asks for the tokens.
    pub audience: &'a str,
    /// Where a token names the merchant: a claim, or a JSON pointer (RFC 6901) to one within others.
    pub merchant_claim: &'a str,
    /// Whom the values of that claim stand for, `kopi.example=mer_…,…`; empty where they are merchants' ids.
    pub merchants: &'a str,
    /// Where a token names the role, in the same way.
    pub role_claim: &'a str,
    /// Which roles the values of that claim stand for, `accounting=finance,…`, of somebody with several the first; empty
    /// where they are the roles' words.
    pub roles: &'a str,
}

/// Settings that fit nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    #[error("an issuer needs an audience, a merchant claim and a role claim")]
    Incomplete,
    #[error("expected an issuer that begins with https://, or with http:// on loopback")]
    Issuer,
    #[error("expected value={expected}, separated by commas, and not {found:?}")]
    Pair { expected: &'static str, found: String },
}

/// An identity provider and what its tokens mean here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    pub(super) url: String,
    pub(super) audience: String,
    pub(super) merchant: Claim<MerchantId>,
    pub(super) role: Claim<Role>,
}

impl Issuer {
    /// Reads the settings. None where there is no issuer: what else is set does not matter then.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn parse(settings: &Settings<'_>) -> Result<Option<Self>, InvalidSettings> {
        if settings.issuer.is_empty() {
            return Ok(None);
        }
        let needed = [settings.audience, settings.merchant_claim, settings.role_claim];
        if needed.contains(&"") {
            return Err(InvalidSettings::Incomplete);
        }
        if !is_trusted(settings.issuer) {
            return Err(InvalidSettings::Issuer);
        }
        let merchants = pairs(settings.merchants, "mer_…", |text| MerchantId::parse(text).ok())?;
        let roles = pairs(settings.roles, "role", |text| Role::parse(text).ok())?;
        Ok(Some(Self {
            url: settings.issuer.to_owned(),
            audience: settings.audience.to_owned(),
            merchant: Claim { path: settings.merchant_claim.to_owned(), meanings: merchants },
            role: Claim { path: settings.role_claim.to_owned(), meanings: roles },
        }))
    }

    /// The provider's address, exactly as its tokens have it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its description is (OpenID Connect Discovery, section 4).
    #[must_use]
    pub fn discovery_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'))
    }

    /// Whether keys may be fetched from this address: over TLS, or from the same machine if the provider is there too.
    #[must_use]
    pub fn trusts(&self, address: &str) -> bool {
        is_trusted(address) && (!is_loopback(address) || is_loopback(&self.url))
    }
}

/// Over TLS, or of this machine.
fn is_trusted(address: &str) -> bool {
    plain(address).is_some_and(|url| url.scheme() == "https") || is_loopback(address)
}

/// Whether it is of this machine, whatever its port.
fn is_loopback(address: &str) -> bool {
    let is_near = |host: Host<&str>| match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    plain(address).is_some_and(|url| url.scheme() == "http" && url.host().is_some_and(is_near))
}

/// An address without a user, who would look like a host.
fn plain(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    (url.username().is_empty() && url.password().is_none() && url.has_host()).then_some(url)
}

/// `value=meaning,…`, in their order. A value may hold `=` and a meaning does not, so the last one divides them.
fn pairs<T>(
    text: &str,
    expected: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<(String, T)>, InvalidSettings> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let read = pair.rsplit_once('=').and_then(|(value, word)| Some((value, read(word.trim())?)));
            let read = read.map(|(value, meaning)| (value.trim().to_owned(), meaning));
            read.ok_or_else(|| InvalidSettings::Pair { expected, found: pair.to_owned() })
        })
        .collect()
}

/// A claim and what its values mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim<T> {
    path: String,
    /// In the order of their precedence; without any, the values are what they mean.
    meanings: Vec<(String, T)>,
}

impl<T: Clone + PartialEq> Claim<T> {
    /// All that a token's values of this claim mean, each once, the weightiest first. A claim is a text or a list of texts.
    pub(super) fn meanings(&self, claims: &Map<String, Value>, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let values = self.values(claims);
        let mut found: Vec<T> = Vec::new();
        let listed = self.meanings.iter().filter(|(value, _)| values.contains(&value.as_str()));
        let literal = values.iter().filter(|_| self.meanings.is_empty()).filter_map(|value| parse(value));
        for meaning in listed.map(|(_, meaning)| meaning.clone()).chain(literal) {
            if !found.contains(&meaning) {
                found.push(meaning);
            }
        }
        found
    }

    /// Whether somebody has said which of several meanings counts.
    pub(super) fn is_ordered(&self) -> bool {
        !self.meanings.is_empty()
    }

    fn values<'a>(&self, claims: &'a Map<String, Value>) -> Vec<&'a str> {
        match self.find(claims) {
            Some(Value::String(value)) => vec![value.as_str()],
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A name may hold slashes, as those of Auth0 do, so a claim of the whole name comes first. An address that nobody has verified
    /// is what anybody likes to be called, and opens nothing.
    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        if self.path == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
            return None;
        }
        if let Some(value) = claims.get(&self.path) {
            return Some(value);
        }
        let (first, rest) = match self.path.strip_prefix('/')?.split_once('/') {
            Some((first, rest)) => (first, format!("/{rest}")),
            None => (self.path.strip_prefix('/')?, String::new()),
        };
        claims.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(&rest)
    }
}
