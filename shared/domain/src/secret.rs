//! Client secrets: made here, shown once, kept as a salted hash. They are 256 random bits, so a fast hash is enough:
//! there is nothing to guess.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::entropy::{Entropy, random_bytes};

/// What a client secret begins with, so that a leaked one is recognised.
pub const PREFIX: &str = "pws_";

/// A new secret.
#[must_use]
pub fn generate(entropy: &dyn Entropy) -> String {
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&random_bytes::<32>(entropy)))
}

/// The hash to keep: `sha256$salt$hash`, in hexadecimal.
#[must_use]
pub fn hash(secret: &str, entropy: &dyn Entropy) -> String {
    let salt = HEXLOWER.encode(&random_bytes::<16>(entropy));
    let digest = digest(&salt, secret);
    format!("sha256${salt}${digest}")
}

/// Whether `secret` is the one that `kept` was made of. Takes the same time for every wrong one.
#[must_use]
pub fn verify(secret: &str, kept: &str) -> bool {
    let mut parts = kept.splitn(3, '$');
    let (Some("sha256"), Some(salt), Some(expected)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    digest(salt, secret).as_bytes().ct_eq(expected.as_bytes()).into()
}

fn digest(salt: &str, secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("{salt}${secret}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn only_the_secret_itself_verifies() {
        let secret = generate(&Zeros);
        let kept = hash(&secret, &Zeros);
        assert!(verify(&secret, &kept));
        assert!(!kept.contains(&secret));
        for (wrong, kept) in
            [("pws_", kept.as_str()), (&format!("{secret}A"), &kept), (&secret, ""), (&secret, "md5$a$b")]
        {
            assert!(!verify(wrong, kept));
        }
    }
}
