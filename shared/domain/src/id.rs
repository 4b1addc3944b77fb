//! Identifiers: one type per kind, each a prefix and 26 Crockford base-32 characters in lower case.
//!
//! Two ways to come by one. *Derived* ids are the leading 130 bits of SHA-256 over the content that makes the thing
//! what it is, so the same content always has the same id and writing it twice writes it once. *Minted* ids are ULIDs:
//! 48 bits of time and 80 bits of randomness, in order of creation. None is longer than 32 characters.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::entropy::{Entropy, random_bytes};
use crate::time::Timestamp;

/// Characters behind the prefix of every id.
pub const ID_BODY_LENGTH: usize = 26;

const CROCKFORD_LOWER: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// Crockford's base 32, lower case, most significant bit first, no padding.
static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str(CROCKFORD_LOWER);
    #[expect(
        clippy::expect_used,
        reason = "the alphabet is a constant, and every test that makes an id reaches this"
    )]
    specification.encoding().expect("32 distinct symbols make an encoding")
});

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {prefix} followed by {ID_BODY_LENGTH} lower-case base-32 characters")]
pub struct InvalidId {
    /// The prefix of the kind that was expected.
    pub prefix: &'static str,
}

/// The 26 characters of an id derived from `parts`. Each part is preceded by its length, so that
/// `("ab", "c")` and `("a", "bc")` differ; `tag` separates kinds and versions of derivation.
#[must_use]
pub fn derive_body(tag: &str, parts: &[&[u8]]) -> String {
    let mut text = CROCKFORD.encode(&digest(tag, parts));
    text.truncate(ID_BODY_LENGTH);
    text
}

/// The first bytes of the same digest.
fn derive_bytes<const N: usize>(tag: &str, parts: &[&[u8]]) -> [u8; N] {
    let digest = digest(tag, parts);
    let mut bytes = [0; N];
    bytes.iter_mut().zip(digest).for_each(|(byte, derived)| *byte = derived);
    bytes
}

fn digest(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(tag.as_bytes()).chain(parts.iter().copied()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn mint_body(now: Timestamp, entropy: &dyn Entropy) -> String {
    ulid_body(now, u128::from_be_bytes(random_bytes::<16>(entropy)))
}

/// A ULID: of the random number it takes the lower 80 bits.
fn ulid_body(at: Timestamp, random: u128) -> String {
    ulid::Ulid::from_parts(at.as_millis(), random).to_string().to_ascii_lowercase()
}

fn is_body(text: &str) -> bool {
    text.len() == ID_BODY_LENGTH && text.bytes().all(|byte| CROCKFORD_LOWER.as_bytes().contains(&byte))
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Reads an id, prefix included.
            ///
            /// # Errors
            /// When the prefix, the length or a character is not right.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                match text.strip_prefix(Self::PREFIX) {
                    Some(body) if is_body(body) => Ok(Self(text.to_owned())),
                    _ => Err(InvalidId { prefix: Self::PREFIX }),
                }
            }

            /// A new id, later than those minted before `now`.
            #[must_use]
            pub fn mint(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(format!("{}{}", Self::PREFIX, mint_body(now, entropy)))
            }

            /// The id derived from `parts`, see [`derive_body`].
            #[must_use]
            pub fn derived(tag: &str, parts: &[&[u8]]) -> Self {
                Self(format!("{}{}", Self::PREFIX, derive_body(tag, parts)))
            }

            /// The whole id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The 26 characters behind the prefix.
            #[must_use]
            pub fn body(&self) -> &str {
                self.0.strip_prefix(Self::PREFIX).unwrap_or(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id_type!(
    /// An entry of the audit trail. Minted.
    AuditId, "aud_"
);
id_type!(
    /// A merchant, the owner of everything.
    MerchantId, "mer_"
);
id_type!(
    /// An API client of a merchant: one person or one system.
    ClientId, "cli_"
);
id_type!(
    /// A person at an identity provider. Derived from the provider and its name for the person.
    PersonId, "usr_"
);
id_type!(
    /// A session of a client or a person. Derived from what all of its refresh tokens have in common.
    SessionId, "ses_"
);
id_type!(
    /// A transaction. Derived, see [`TransactionId::of`].
    TransactionId, "tra_"
);
id_type!(
    /// A configured payment provider of a merchant.
    ProviderId, "prv_"
);
id_type!(
    /// A webhook endpoint of a merchant.
    EndpointId, "whe_"
);
id_type!(
    /// One webhook delivery, in order of what they tell of. Derived, see [`DeliveryId::of`].
    DeliveryId, "whd_"
);
id_type!(
    /// A replay of webhook deliveries. Minted.
    ReplayId, "rpl_"
);
id_type!(
    /// A status in the transactions API. Derived from the status.
    LookupId, "loo_"
);
id_type!(
    /// A payment method in the transactions API. Derived from the method.
    PaymentMethodId, "pam_"
);
id_type!(
    /// An entry of a timeline. Derived from what it tells.
    EntryId, "log_"
);
id_type!(
    /// A provider's statement.
    StatementId, "stm_"
);
id_type!(
    /// A reconciliation run. Derived from all that decides its result.
    RunId, "run_"
);
id_type!(
    /// A finding of reconciliation that somebody has to look at. Derived from the rows it is about.
    ExceptionId, "exc_"
);

impl TransactionId {
    /// The id of the `occurrence`-th payment (from 1) under a merchant's reference.
    #[must_use]
    pub fn of(merchant: &MerchantId, reference: &str, occurrence: u32) -> Self {
        Self::derived(
            "transaction/1",
            &[merchant.as_str().as_bytes(), reference.as_bytes(), &occurrence.to_be_bytes()],
        )
    }
}

impl DeliveryId {
    /// The id of the delivery that tells `endpoint` of this version of `subject`, a transaction's, a provider's or a run's id,
    /// which came to be at this time. A ULID of that time whose random part is derived from the rest: ids of an endpoint are in
    /// the order in which things happened.
    #[must_use]
    pub fn of(endpoint: &EndpointId, subject: &str, version: u64, at: Timestamp) -> Self {
        let parts = [endpoint.as_str().as_bytes(), subject.as_bytes(), &version.to_be_bytes()];
        let random = u128::from_be_bytes(derive_bytes("delivery/2", &parts));
        Self(format!("{}{}", Self::PREFIX, ulid_body(at, random)))
    }

    /// When that came to be, to the millisecond; none in an id that is made in another way.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        let millis = ulid::Ulid::from_string(self.body()).ok()?.timestamp_ms();
        Timestamp::from_micros(i64::try_from(millis).ok()?.checked_mul(1000)?).ok()
    }

    /// What sorts before every delivery of what happened at this time or later, and behind every earlier one.
    #[must_use]
    pub fn first_at(at: Timestamp) -> Self {
        Self(format!("{}{}", Self::PREFIX, ulid_body(at, 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant() -> MerchantId {
        MerchantId::derived("test", &[b"merchant"])
    }

    #[test]
    fn a_derived_id_is_the_same_every_time_and_fits_32_characters() {
        let id = TransactionId::of(&merchant(), "INV0045", 1);
        assert_eq!(id, TransactionId::of(&merchant(), "INV0045", 1));
        assert_eq!(id.as_str().len(), 30);
        assert_eq!(TransactionId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn deliveries_are_in_the_order_of_what_they_tell_of() {
        let endpoint = EndpointId::derived("test", &[b"endpoint"]);
        let at = |seconds| Timestamp::from_seconds(seconds).unwrap();
        let id = |version, seconds| DeliveryId::of(&endpoint, "tra_1", version, at(seconds));
        assert_eq!(id(1, 1_763_600_000), id(1, 1_763_600_000));
        assert_ne!(id(1, 1_763_600_000), id(2, 1_763_600_000));
        assert!(id(9, 1_763_600_000) < id(1, 1_763_600_001));
        assert!(DeliveryId::first_at(at(1_763_600_000)) < id(1, 1_763_600_000));
        assert!(id(1, 1_763_600_000) < DeliveryId::first_at(at(1_763_600_001)));
        assert_eq!(DeliveryId::parse(id(1, 0).as_str()), Ok(id(1, 0)));
        assert_eq!(id(1, 1_763_600_000).at(), Some(at(1_763_600_000)));
    }

    #[test]
    fn derivation_separates_its_parts() {
        assert_ne!(derive_body("t", &[b"ab", b"c"]), derive_body("t", &[b"a", b"bc"]));
        assert_ne!(derive_body("t", &[b"ab"]), derive_body("u", &[b"ab"]));
        let (one, two) = (TransactionId::of(&merchant(), "A", 1), TransactionId::of(&merchant(), "A", 2));
        assert_ne!(one, two);
    }

    #[test]
    fn ids_of_another_kind_or_alphabet_are_refused() {
        let id = TransactionId::of(&merchant(), "A", 1);
        let body = id.body();
        for text in [
            format!("mer_{body}"),
            body.to_owned(),
            format!("tra_{}", body.to_uppercase()),
            format!("tra_{body}0"),
            "tra_".to_owned(),
            format!("tra_{}", "u".repeat(26)),
            format!("tra_{}", "é".repeat(13)),
        ] {
            assert!(TransactionId::parse(&text).is_err(), "{text}");
        }
    }
}
