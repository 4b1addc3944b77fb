//! Keys that sign what we send: a secret that the receiver has too, or a private key whose public one it has (scheme `v1a` of
//! Standard Webhooks, <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>: Ed25519
//! over `id.timestamp.body`, keys in base 64 behind `whsk_` and `whpk_`).

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{SECRET_KEY_LENGTH, Signer as _, SigningKey as Ed25519Key};

use crate::entropy::{Entropy, random_bytes};
use crate::webhook::endpoint::SignatureScheme;
use crate::webhook::signature::{InvalidSecret, SigningSecret};

/// What the text of a private key begins with.
const PRIVATE_PREFIX: &str = "whsk_";

/// What the text of a public key begins with.
const PUBLIC_PREFIX: &str = "whpk_";

/// One key. It is written out only on purpose, never by a debug print.
#[derive(Clone, PartialEq, Eq)]
pub enum SigningKey {
    /// Scheme `v1`.
    Secret(SigningSecret),
    /// Scheme `v1a`.
    Private(Box<Ed25519Key>),
}

impl SigningKey {
    /// A new key of a scheme.
    #[must_use]
    pub fn generate(scheme: SignatureScheme, entropy: &dyn Entropy) -> Self {
        match scheme {
            SignatureScheme::V1 => Self::Secret(SigningSecret::generate(entropy)),
            SignatureScheme::V1a => {
                let seed = random_bytes::<SECRET_KEY_LENGTH>(entropy);
                Self::Private(Box::new(Ed25519Key::from_bytes(&seed)))
            }
        }
    }

    /// Reads what [`Self::reveal`] wrote.
    ///
    /// # Errors
    /// [`InvalidSecret`].
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let Some(encoded) = text.strip_prefix(PRIVATE_PREFIX) else {
            return SigningSecret::parse(text).map(Self::Secret);
        };
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| InvalidSecret)?;
        let seed: [u8; SECRET_KEY_LENGTH] = bytes.try_into().map_err(|_| InvalidSecret)?;
        Ok(Self::Private(Box::new(Ed25519Key::from_bytes(&seed))))
    }

    /// The text to encrypt.
    #[must_use]
    pub fn reveal(&self) -> String {
        match self {
            Self::Secret(secret) => secret.reveal(),
            Self::Private(key) => format!("{PRIVATE_PREFIX}{}", BASE64.encode(key.as_bytes())),
        }
    }

    /// What the receiver verifies with, where that is no secret.
    #[must_use]
    pub fn public_key(&self) -> Option<String> {
        match self {
            Self::Secret(_) => None,
            Self::Private(key) => {
                Some(format!("{PUBLIC_PREFIX}{}", BASE64.encode(key.verifying_key().as_bytes())))
            }
        }
    }

    /// What the receiver verifies with and nobody else may see.
    #[must_use]
    pub fn shared_secret(&self) -> Option<String> {
        match self {
            Self::Secret(secret) => Some(secret.reveal()),
            Self::Private(_) => None,
        }
    }

    /// The signature of a message, with its scheme in front.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> String {
        match self {
            Self::Secret(secret) => secret.sign(id, timestamp_seconds, body),
            Self::Private(key) => {
                let mut message = format!("{id}.{timestamp_seconds}.").into_bytes();
                message.extend_from_slice(body);
                format!("v1a,{}", BASE64.encode(&key.sign(&message).to_bytes()))
            }
        }
    }
}

/// Everything that signs a delivery: the key of its endpoint and, for a while, the one before it.
#[derive(Debug, Clone)]
pub struct Signer(Vec<SigningKey>);

impl Signer {
    /// One that signs with each of these.
    #[must_use]
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self(keys)
    }

    /// The header `webhook-signature` of a message.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> String {
        let signatures = self.0.iter().map(|key| key.sign(id, timestamp_seconds, body));
        signatures.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};

    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn whoever_has_the_public_key_verifies() {
        let key = SigningKey::generate(SignatureScheme::V1a, &Fixed(7));
        let public = key.public_key().unwrap();
        let public: [u8; 32] =
            BASE64.decode(public.strip_prefix("whpk_").unwrap().as_bytes()).unwrap().try_into().unwrap();
        let signature = key.sign("whd_1", 1_700_000_000, b"{}");
        let bytes = BASE64.decode(signature.strip_prefix("v1a,").unwrap().as_bytes()).unwrap();
        let signature = Signature::from_slice(&bytes).unwrap();
        let verifying = VerifyingKey::from_bytes(&public).unwrap();
        assert!(verifying.verify(b"whd_1.1700000000.{}", &signature).is_ok());
        assert!(verifying.verify(b"whd_1.1700000001.{}", &signature).is_err());
        assert_eq!(key.shared_secret(), None);
    }

    #[test]
    fn keys_read_back_and_never_print() {
        for scheme in [SignatureScheme::V1, SignatureScheme::V1a] {
            let key = SigningKey::generate(scheme, &Fixed(9));
            assert_eq!(SigningKey::parse(&key.reveal()), Ok(key.clone()));
            assert_eq!(format!("{key:?}"), "SigningKey(…)");
        }
        for text in ["whsk_", "whsk_AAAA", "whsk_!"] {
            assert_eq!(SigningKey::parse(text), Err(InvalidSecret), "{text}");
        }
    }

    #[test]
    fn each_key_signs_by_itself() {
        let keys = [8, 9].map(|seed| SigningKey::generate(SignatureScheme::V1, &Fixed(seed)));
        let signed = Signer::new(keys.to_vec()).sign("id", 1, b"x");
        assert_eq!(signed, keys.map(|key| key.sign("id", 1, b"x")).join(" "));
    }
}
