//! Access tokens: JWTs signed with HS256 under the active key, verified by key id without reading a table.

use std::net::IpAddr;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use paywarden_domain::access::Scope;
use paywarden_domain::client::Addresses;
use paywarden_domain::id::MerchantId;
use paywarden_domain::principal::Principal;
use paywarden_domain::time::{Clock, Timestamp};
use paywarden_store::StoreError;
use paywarden_store::keys::{KeyRing, KeySource};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;

/// Seconds a token is good for.
pub const LIFETIME_SECONDS: i64 = 600;

/// Longest token that is looked at; one with all scopes and the longest list of addresses has half as many.
const MAX_TOKEN_BYTES: usize = 4096;

/// What a token says. The zone is a standard claim (OpenID Connect Core, `zoneinfo`): with it, reading a record needs
/// no look at the merchant's row. Where the client may call from is a claim for the same reason.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: Principal,
    merchant: MerchantId,
    role: paywarden_domain::access::Role,
    scope: String,
    zoneinfo: String,
    #[serde(skip_serializing_if = "Addresses::is_anywhere", default)]
    addresses: Addresses,
    iat: i64,
    exp: i64,
}

/// Why a token is not accepted. Callers are told "Unauthorized" and no more.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token of ours, altered, or ended.
    #[error("the token is not valid: {0}")]
    Invalid(String),
    /// The keys cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Issues and verifies tokens.
pub struct Tokens {
    keys: Arc<dyn KeySource>,
    issuer: String,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    /// Tokens of this issuer under these keys.
    #[must_use]
    pub fn new(keys: Arc<dyn KeySource>, issuer: String, clock: Arc<dyn Clock>) -> Self {
        Self { keys, issuer, clock }
    }

    /// When a token issued now ends.
    #[must_use]
    pub fn expiry(&self) -> Timestamp {
        self.clock.now().plus_seconds(LIFETIME_SECONDS)
    }

    /// A token for `caller`, good until its `expires_at` and from `addresses`.
    ///
    /// # Errors
    /// When the keys cannot be read or signing fails.
    pub async fn issue(&self, caller: &Caller, addresses: &Addresses) -> Result<String, TokenError> {
        let ring = self.keys.keys(false).await?;
        let (id, key) = ring.active_key().ok_or_else(|| invalid(&"the key ring has no active key"))?;
        let scopes: Vec<&str> = caller.scopes.iter().map(|scope| scope.as_str()).collect();
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: caller.principal.clone(),
            merchant: caller.merchant_id.clone(),
            role: caller.role,
            scope: scopes.join(" "),
            zoneinfo: caller.zone.name().to_owned(),
            addresses: addresses.clone(),
            iat: self.clock.now().as_seconds(),
            exp: caller.expires_at.as_seconds(),
        };
        let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key))
            .map_err(|error| invalid(&error))
    }

    /// The caller that a token speaks for when it is presented from `address`.
    ///
    /// # Errors
    /// When it is not valid now or from there, or the keys cannot be read.
    pub async fn verify(&self, token: &str, address: Option<IpAddr>) -> Result<Caller, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(invalid(&"too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| invalid(&error))?;
        let id = header.kid.ok_or_else(|| invalid(&"no key id"))?;
        let ring = self.ring_with(&id).await?;
        let key = ring.find(&id).ok_or_else(|| invalid(&"unknown key id"))?;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &self.validation());
        self.accept(claims.map_err(|error| invalid(&error))?.claims, address)
    }

    /// A key that was made since this process last read its ring is worth a second look.
    async fn ring_with(&self, id: &str) -> Result<Arc<KeyRing>, StoreError> {
        let ring = self.keys.keys(false).await?;
        if ring.find(id).is_some() { Ok(ring) } else { self.keys.keys(true).await }
    }

    /// One algorithm and one issuer. The library would take the time from the clock on the wall; ours does it.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation
    }

    fn accept(&self, claims: Claims, address: Option<IpAddr>) -> Result<Caller, TokenError> {
        let expires_at = Timestamp::from_seconds(claims.exp).map_err(|error| invalid(&error))?;
        if expires_at <= self.clock.now() {
            return Err(invalid(&"ended"));
        }
        if !claims.addresses.allow(address) {
            return Err(invalid(&"from an address that its client may not call from"));
        }
        let scopes: Result<Vec<Scope>, _> = claims.scope.split_whitespace().map(Scope::parse).collect();
        Ok(Caller {
            merchant_id: claims.merchant,
            principal: claims.sub,
            role: claims.role,
            scopes: scopes.map_err(|error| invalid(&error))?,
            zone: paywarden_domain::time::Zone::parse(&claims.zoneinfo).map_err(|error| invalid(&error))?,
            expires_at,
        })
    }
}

fn invalid(reason: &dyn std::fmt::Display) -> TokenError {
    TokenError::Invalid(reason.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicI64, Ordering};

    use data_encoding::BASE64URL_NOPAD;
    use paywarden_domain::access::Role;
    use paywarden_domain::client::AddressRange;
    use paywarden_domain::id::{ClientId, PersonId};
    use paywarden_domain::time::Zone;
    use paywarden_store::keys::FixedKeySource;

    use super::*;

    struct Still(AtomicI64);

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(self.0.load(Ordering::SeqCst)).unwrap()
        }
    }

    fn tokens(issuer: &str, keys: &[(&str, &str)], now: i64) -> Tokens {
        let members = keys.iter().map(|(id, key)| ((*id).to_owned(), key.as_bytes().to_vec()));
        let ring = KeyRing::new(keys[0].0, BTreeMap::from_iter(members));
        Tokens::new(
            Arc::new(FixedKeySource(Arc::new(ring))),
            issuer.to_owned(),
            Arc::new(Still(AtomicI64::new(now))),
        )
    }

    fn caller(expires: i64) -> Caller {
        Caller {
            merchant_id: MerchantId::derived("test", &[b"m"]),
            principal: Principal::Client(ClientId::derived("test", &[b"c"])),
            role: Role::Finance,
            scopes: Role::Finance.scopes().to_vec(),
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            expires_at: Timestamp::from_seconds(expires).unwrap(),
        }
    }

    #[tokio::test]
    async fn a_token_brings_its_caller_back() {
        let tokens = tokens("paywarden", &[("k1", "secret")], 1000);
        let token = tokens.issue(&caller(1600), &Addresses::default()).await.unwrap();
        assert_eq!(tokens.verify(&token, None).await.unwrap(), caller(1600));
        let person = Principal::Person(PersonId::derived("test", &[b"p"]));
        let caller = Caller { principal: person, ..caller(1600) };
        let token = tokens.issue(&caller, &Addresses::default()).await.unwrap();
        assert_eq!(tokens.verify(&token, None).await.unwrap(), caller);
    }

    #[tokio::test]
    async fn tokens_end_on_our_clock_and_hold_for_one_issuer() {
        let token = tokens("paywarden", &[("k1", "secret")], 1000)
            .issue(&caller(1600), &Addresses::default())
            .await
            .unwrap();
        assert!(tokens("paywarden", &[("k1", "secret")], 1599).verify(&token, None).await.is_ok());
        assert!(tokens("paywarden", &[("k1", "secret")], 1600).verify(&token, None).await.is_err());
        assert!(tokens("somebody", &[("k1", "secret")], 1000).verify(&token, None).await.is_err());
    }

    #[tokio::test]
    async fn a_token_of_some_addresses_opens_nothing_from_others() {
        let tokens = tokens("paywarden", &[("k1", "secret")], 1000);
        let range = AddressRange::parse("203.0.113.0/24").unwrap();
        let token = tokens.issue(&caller(1600), &Addresses(vec![range])).await.unwrap();
        for (address, is_good) in [(Some("203.0.113.7"), true), (Some("203.0.114.7"), false), (None, false)] {
            let address = address.map(|address| address.parse().unwrap());
            assert_eq!(tokens.verify(&token, address).await.is_ok(), is_good, "{address:?}");
        }
    }

    #[tokio::test]
    async fn the_longest_token_is_looked_at() {
        let tokens = tokens("paywarden", &[("k1", "secret")], 1000);
        let widest = |number| format!("2001:db8:aaaa:bbbb:cccc:dddd:eeee:{number:x}");
        let ranges =
            (0xf000..0xf000 + Addresses::LIMIT).map(|number| AddressRange::parse(&widest(number)).unwrap());
        let addresses = Addresses(ranges.collect());
        let admin = Caller { scopes: Scope::ALL.to_vec(), ..caller(1600) };
        let token = tokens.issue(&admin, &addresses).await.unwrap();
        assert!(tokens.verify(&token, Some(widest(0xf000).parse().unwrap())).await.is_ok());
    }

    #[tokio::test]
    async fn keys_rotate_by_id() {
        let token = tokens("paywarden", &[("k1", "one")], 1000)
            .issue(&caller(1600), &Addresses::default())
            .await
            .unwrap();
        assert!(
            tokens("paywarden", &[("k2", "two"), ("k1", "one")], 1000).verify(&token, None).await.is_ok()
        );
        assert!(tokens("paywarden", &[("k2", "two")], 1000).verify(&token, None).await.is_err());
        assert!(tokens("paywarden", &[("k1", "other")], 1000).verify(&token, None).await.is_err());
    }

    #[tokio::test]
    async fn other_algorithms_and_nonsense_are_refused() {
        let tokens = tokens("paywarden", &[("k1", "secret")], 1000);
        let good = tokens.issue(&caller(1600), &Addresses::default()).await.unwrap();
        let payload = good.split('.').nth(1).unwrap();
        let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"k1"}"#);
        let rsa = BASE64URL_NOPAD.encode(br#"{"alg":"RS256","kid":"k1"}"#);
        let signature = good.split('.').nth(2).unwrap();
        let unkeyed = BASE64URL_NOPAD.encode(br#"{"alg":"HS256"}"#);
        for bad in [
            format!("{none}.{payload}."),
            format!("{rsa}.{payload}.{signature}"),
            format!("{unkeyed}.{payload}.{signature}"),
            format!("{good}x"),
            String::new(),
            "a.b.c".to_owned(),
            "x".repeat(10_000),
        ] {
            assert!(tokens.verify(&bad, None).await.is_err(), "{bad}");
        }
    }
}
