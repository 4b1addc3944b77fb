//! Keys of the provider, and what they have signed. Which algorithm a signature has is a property of the key: a token whose header
//! names another one is refused, so that none can choose how it is looked at.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

/// Characters of the modulus of an RSA key of 2048 bits, the least that RFC 7518 allows (section 3.3).
const RSA_CHARACTERS: usize = 342;

/// A public key that verifies ID tokens.
pub struct VerifyingKey {
    pub id: String,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl VerifyingKey {
    /// Reads a JSON Web Key (RFC 7517). None for what is no key of these three kinds, is for encryption, or has no id.
    pub fn read(value: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return None;
        }
        let algorithm = match (&jwk.algorithm, jwk.common.key_algorithm) {
            (AlgorithmParameters::RSA(key), None | Some(KeyAlgorithm::RS256))
                if key.n.len() >= RSA_CHARACTERS =>
            {
                Algorithm::RS256
            }
            (AlgorithmParameters::EllipticCurve(key), None | Some(KeyAlgorithm::ES256))
                if key.curve == EllipticCurve::P256 =>
            {
                Algorithm::ES256
            }
            (AlgorithmParameters::OctetKeyPair(key), None | Some(KeyAlgorithm::EdDSA))
                if key.curve == EllipticCurve::Ed25519 =>
            {
                Algorithm::EdDSA
            }
            _ => return None,
        };
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id?, algorithm, key })
    }
}

/// A token that names a key.
pub struct Signed<'a> {
    token: &'a str,
    key_id: String,
}

impl<'a> Signed<'a> {
    /// Reads the header. Nothing in it is believed; the key that it names is looked up among the provider's.
    pub fn read(token: &'a str) -> Result<Self, String> {
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| "its header cannot be read".to_owned())?;
        if header.typ.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
            return Err("it is a token of another kind".to_owned());
        }
        if header.crit.is_some() {
            return Err("it has extensions that have to be understood".to_owned());
        }
        let key_id = header.kid.ok_or("it names no key")?;
        Ok(Self { token, key_id })
    }

    /// The id of the key that it says it is signed with.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What it says, if this key has signed it. The rules of what it may say are the domain's.
    pub fn claims(&self, key: &VerifyingKey) -> Result<Map<String, Value>, String> {
        let mut validation = Validation::new(key.algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let decoded = jsonwebtoken::decode(self.token, &key.key, &validation);
        decoded.map(|data| data.claims).map_err(|error| format!("its signature does not hold: {error}"))
    }
}
