//! Standard Webhooks signatures (<https://www.standardwebhooks.com>, scheme `v1`): HMAC-SHA256 over
//! `id.timestamp.body`. Used to sign what we send and to check what generic providers send us.

use std::fmt;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::entropy::{Entropy, random_bytes};

/// Bytes of a secret we make; the scheme allows 24 to 64.
const SECRET_BYTES: usize = 32;

/// Seconds a timestamp may be off.
pub const TOLERANCE_SECONDS: i64 = 300;

/// A signing secret. It is written out only on purpose, never by a debug print.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

/// A text that is no signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected whsec_ followed by 24 to 64 bytes in base 64")]
pub struct InvalidSecret;

impl SigningSecret {
    /// What a secret's text begins with.
    pub const PREFIX: &'static str = "whsec_";

    /// A new secret.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_bytes::<SECRET_BYTES>(entropy).to_vec())
    }

    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// [`InvalidSecret`].
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix(Self::PREFIX).ok_or(InvalidSecret)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| InvalidSecret)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(InvalidSecret) }
    }

    /// The text to show once or to encrypt.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}{}", Self::PREFIX, BASE64.encode(&self.0))
    }

    /// The signature of a message, `v1,…`.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> String {
        let mut mac = match Hmac::<Sha256>::new_from_slice(&self.0) {
            Ok(mac) => mac,
            Err(impossible) => unreachable!("HMAC takes keys of any length: {impossible}"),
        };
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp_seconds.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
    }

    /// Whether one of the space-separated `signatures` is this secret's. Takes the same time for every mismatch.
    #[must_use]
    pub fn verifies(&self, id: &str, timestamp_seconds: i64, body: &[u8], signatures: &str) -> bool {
        let expected = self.sign(id, timestamp_seconds, body);
        signatures.split(' ').any(|given| given.as_bytes().ct_eq(expected.as_bytes()).into())
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::try_from(index % 256).unwrap();
            }
        }
    }

    #[test]
    fn the_reference_implementation_agrees() {
        let secret = SigningSecret::generate(&Counting);
        let oracle = standardwebhooks::Webhook::new(&secret.reveal()).unwrap();
        let body = br#"{"transactions": []}"#;
        assert_eq!(
            secret.sign("whd_1", 1_700_000_000, body),
            oracle.sign("whd_1", 1_700_000_000, body).unwrap()
        );
    }

    #[test]
    fn any_listed_signature_may_match_and_nothing_else() {
        let secret = SigningSecret::generate(&Counting);
        let good = secret.sign("id", 7, b"body");
        assert!(secret.verifies("id", 7, b"body", &format!("v1,AAAA {good}")));
        for (id, at, body, signatures) in [
            ("ie", 7, "body", &good),
            ("id", 8, "body", &good),
            ("id", 7, "bodx", &good),
            ("id", 7, "body", &String::new()),
        ] {
            assert!(!secret.verifies(id, at, body.as_bytes(), signatures));
        }
    }

    #[test]
    fn secrets_read_back_and_never_print() {
        let secret = SigningSecret::generate(&Counting);
        assert_eq!(SigningSecret::parse(&secret.reveal()), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
        for text in ["whsec_", "whsec_AAAA", "AAAA", "whsec_!!!"] {
            assert_eq!(SigningSecret::parse(text), Err(InvalidSecret), "{text}");
        }
    }
}
