//! How long the texts of a record and of its keys may be, wherever they come from: what a merchant posts and what a provider
//! reports have one measure. The longest key of the tables holds 1,024 bytes, so an id has room for any alphabet.

/// Longest id that a provider gives a payment or a refund, in characters.
pub const PROVIDER_ID_CHARACTERS: usize = 128;
/// Longest id of something else (customer, mandate, …), in characters, as the transactions API documents.
pub const ID_CHARACTERS: usize = 32;
/// Longest text that a bank statement shows for a payment, in characters.
pub const PAYMENT_REFERENCE_CHARACTERS: usize = 35;
/// Longest word or code of a provider, in characters.
pub const WORD_CHARACTERS: usize = 128;
/// Longest message or reason of a provider, in characters.
pub const MESSAGE_CHARACTERS: usize = 512;
/// Longest detail of a method, in characters: the content of a QR code is the longest.
pub const ATTRIBUTE_CHARACTERS: usize = 512;
/// Longest name of a provider's event, in characters.
pub const EVENT_CHARACTERS: usize = 64;

/// Whether `text` has 1 to `max` characters, none of them a control character.
#[must_use]
pub fn is_text(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Whether `text` is the end of a card or account number: four digits, so that nobody stores a whole one by mistake.
#[must_use]
pub fn is_last4(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_printable() {
        for good in ["x", "é".repeat(128).as_str(), "a b"] {
            assert!(is_text(good, 128), "{good}");
        }
        for bad in ["", "a\nb", "a\u{0}", "x".repeat(129).as_str()] {
            assert!(!is_text(bad, 128), "{bad:?}");
        }
        assert!(is_last4("0123"));
        for bad in ["", "123", "12345", "12a4", "١٢"] {
            assert!(!is_last4(bad), "{bad}");
        }
    }
}
