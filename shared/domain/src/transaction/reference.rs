//! The merchant's reference: its order id, up to 128 printable characters.

use crate::entropy::Entropy;
use crate::id::TransactionId;
use crate::time::Timestamp;

/// Longest reference, in characters.
pub const MAX_REFERENCE_CHARACTERS: usize = 128;

/// Whether `text` can be a reference: 1 to 128 characters, none of them a control character, no space at either end.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    (1..=MAX_REFERENCE_CHARACTERS).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && text.trim() == text
}

/// A reference for a transaction that came without one: unique, in order of creation.
#[must_use]
pub fn generate(now: Timestamp, entropy: &dyn Entropy) -> String {
    TransactionId::mint(now, entropy).body().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::is_reference;

    #[test]
    fn references_are_printable_and_bounded() {
        for good in ["INV0045", "INV/2024 01+%", "订单-1", &"x".repeat(128), "é".repeat(128).as_str()] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["", " INV", "INV ", "a\nb", "a\u{0}b", &"x".repeat(129)] {
            assert!(!is_reference(bad), "{bad:?}");
        }
    }
}
