//! Providers' ids as they are compared. A provider may write the id of one payment in one way in its callbacks and in another
//! on its statements; what is stored and shown stays as it was told.

use crate::provider::ProviderType;

/// What Xendit's callbacks have before the ids of payments by wallet, QR and later payment, and the "Product ID" of its
/// balance report has not. Source: <https://docs.xendit.co/docs/balance-report>.
const XENDIT_PREFIXES: [&str; 3] = ["ewc_", "qrpy_", "plc_"];

/// An id that a provider of this type wrote, as it is compared: of either side, the same for the same payment.
#[must_use]
pub fn compared(provider_type: ProviderType, id: &str) -> &str {
    match provider_type {
        ProviderType::Xendit => without_prefix(id, &XENDIT_PREFIXES),
        ProviderType::Midtrans
        | ProviderType::Brick
        | ProviderType::Snap
        | ProviderType::DebitOrder
        | ProviderType::Generic => id,
    }
}

/// A prefix with nothing behind it is all there is of the id, and stays.
fn without_prefix<'a>(id: &'a str, prefixes: &[&str]) -> &'a str {
    let bare = prefixes.iter().find_map(|prefix| id.strip_prefix(prefix));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xendit_s_ids_are_compared_without_the_prefixes_that_its_report_leaves_out() {
        for (id, expected) in [
            ("ewc_55d0f6bf", "55d0f6bf"),
            ("qrpy_8182837te", "8182837te"),
            ("plc_1a2b", "1a2b"),
            ("8182837te", "8182837te"),
            // Written alike on both sides.
            ("disb-7baa7335", "disb-7baa7335"),
            ("ddpy-623dca10", "ddpy-623dca10"),
            ("qrpy_ewc_1", "ewc_1"),
            ("ewc_", "ewc_"),
            ("", ""),
        ] {
            assert_eq!(compared(ProviderType::Xendit, id), expected, "{id}");
        }
    }

    #[test]
    fn ids_of_others_are_compared_as_they_are() {
        for provider_type in ProviderType::ALL.iter().filter(|one| **one != ProviderType::Xendit) {
            assert_eq!(compared(*provider_type, "ewc_55d0f6bf"), "ewc_55d0f6bf", "{provider_type}");
        }
    }
}
