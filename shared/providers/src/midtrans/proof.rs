//! What proves a notification, and what it proves.
//!
//! | notification | proof | covers |
//! |---|---|---|
//! | payment | `signature_key`, SHA-512 over `order_id`, `status_code`, `gross_amount` and the server key, one behind the other | those three |
//! | payout | `Iris-Signature`, SHA-512 over the body and the merchant key | everything |
//! | subscription, linked account | none that is documented | nothing: it is acknowledged, and neither believed nor kept |
//!
//! Nothing parts what a payment's signature covers, so that it says the same of `ORDER-1`, `200` and of `ORDER-`, `120`. The
//! members must therefore be written as Midtrans writes them: a code of three digits that it documents, an amount with two
//! decimals and no zero before it. What is left is an order whose id ends in such a code, `A200` paid with 5.00: its
//! signature is that of `A` paid with 2005.00, and nothing in the message tells the two apart.
//!
//! Neither `transaction_status` nor `fraud_status` are covered. They have to fit the code, which is:
//!
//! | `transaction_status` | codes | `fraud_status` |
//! |---|---|---|
//! | `settlement` | 200 | accept or absent |
//! | `capture` | 200; 201 under review; 202 refused | accept or absent; challenge; deny |
//! | `authorize` | 200; 201 under review | any |
//! | `pending` | 201 | any |
//! | `deny`, `failure` | 202 | any |
//! | `cancel` | 200, 202 | any |
//! | `expire` | 407, 202 | any |
//! | `refund`, `chargeback` and parts of them | 200 | any |
//!
//! So what was signed as pending, refused or expired is never believed to be paid. What was signed with 200 went well, and
//! what it was (a payment, an authorisation, a cancellation, a refund) its signature does not say; Midtrans does not sign
//! more. A word that is not in the table is not known, and nothing is made of it.

use data_encoding::HEXLOWER;
use paywarden_domain::transaction::report::TrustGrade;
use serde_json::{Map, Value};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use crate::callback::{Callback, Refusal};
use crate::credentials::Credentials;
use crate::reader::Reader;

const HEADER: &str = "iris-signature";
const SIGNATURE: &str = "signature_key";
const DECIMALS: usize = 2;

/// What proves a notification.
pub(super) enum Proof {
    Payment,
    Payout,
    /// Nothing: it is of no payment, and this is what it is.
    None {
        event: &'static str,
    },
}

impl Proof {
    /// What has to prove a notification. A callback that was kept is read again without its headers; a payout is told by its
    /// members then.
    pub(super) fn of(callback: &Callback<'_>, members: &Map<String, Value>) -> Self {
        let has = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
        if callback.headers.contains_key(HEADER) {
            Self::Payout
        } else if has("account_id") && has("account_status") && !has("order_id") {
            Self::None { event: "pay account" }
        } else if has(SIGNATURE) || has("transaction_status") {
            Self::Payment
        } else if has("subscription") || has("schedule") || has("event_name") {
            Self::None { event: "subscription" }
        } else if has("reference_no") || has("status") {
            Self::Payout
        } else {
            Self::Payment
        }
    }
}

/// Judges a payout.
pub(super) fn of_payout(callback: &Callback<'_>, credentials: &Credentials) -> Result<TrustGrade, Refusal> {
    let given = callback.header(HEADER).ok_or(Refusal::MissingSignature)?;
    let key = credentials.get("iris_merchant_key").ok_or(Refusal::UnusableCredentials)?;
    let mut hash = Sha512::new();
    hash.update(callback.body);
    hash.update(key.as_bytes());
    judged(given, &HEXLOWER.encode(&hash.finalize()))
}

/// Judges a payment: its signature, and whether all of it fits what was signed.
pub(super) fn of_payment(
    members: &Map<String, Value>,
    credentials: &Credentials,
) -> Result<TrustGrade, Refusal> {
    let key = credentials.get("server_key").ok_or(Refusal::UnusableCredentials)?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let given = text(SIGNATURE).ok_or(Refusal::MissingSignature)?;
    let [Some(order), Some(code), Some(amount)] = ["order_id", "status_code", "gross_amount"].map(text)
    else {
        return Err(Refusal::WrongSignature);
    };
    let signed = format!("{order}{code}{amount}{key}");
    let grade = judged(given, &HEXLOWER.encode(&Sha512::digest(signed)))?;
    // Read as the report will be made of them, so that nothing is one word here and another there.
    let body = Reader::new(members);
    let word = |name| body.find_text(name).map_err(|_| Refusal::Inconsistent);
    let (status, fraud) = (word("transaction_status")?, word("fraud_status")?);
    let fits = is_code(code)
        && is_amount(amount)
        && status_fits(status.as_deref().unwrap_or_default(), fraud.as_deref(), code);
    if fits { Ok(grade) } else { Err(Refusal::Inconsistent) }
}

fn judged(given: &str, expected: &str) -> Result<TrustGrade, Refusal> {
    if given.as_bytes().ct_eq(expected.as_bytes()).into() {
        Ok(TrustGrade::Keyed)
    } else {
        Err(Refusal::WrongSignature)
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The codes that notifications are documented to have.
fn is_code(code: &str) -> bool {
    matches!(code, "200" | "201" | "202" | "407")
}

/// `5539.00`: a number of one digit at least that does not begin with zero, and two decimals.
fn is_amount(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, decimals)| {
        is_digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && decimals.len() == DECIMALS
            && is_digits(decimals)
    })
}

fn status_fits(status: &str, fraud: Option<&str>, code: &str) -> bool {
    match status {
        "settlement" => code == "200" && matches!(fraud, None | Some("accept")),
        "capture" => matches!(
            (code, fraud),
            ("200", None | Some("accept")) | ("201", Some("challenge")) | ("202", Some("deny"))
        ),
        "authorize" => matches!(code, "200" | "201"),
        "pending" => code == "201",
        "deny" | "failure" => code == "202",
        "cancel" => matches!(code, "200" | "202"),
        "expire" => matches!(code, "407" | "202"),
        "refund" | "partial_refund" | "chargeback" | "partial_chargeback" => code == "200",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_one_way() {
        for good in ["5539.00", "0.50", "10000.00", "9.99"] {
            assert!(is_amount(good), "{good}");
        }
        for bad in [
            "", ".00", "5539", "5539.0", "5539.000", "05539.00", "+1.00", "-1.00", "1e3.00", " 1.00",
            "1,0.00",
        ] {
            assert!(!is_amount(bad), "{bad}");
        }
    }

    /// A success is what the documentation says it is: code 200, and nothing against it.
    #[test]
    fn nothing_but_200_is_a_success() {
        let fits = |status: &str, code: &str, fraud: Option<&str>| status_fits(status, fraud, code);
        for fraud in [None, Some("accept"), Some("challenge"), Some("deny"), Some("new")] {
            for code in ["200", "201", "202", "407", "999"] {
                let clean = code == "200" && matches!(fraud, None | Some("accept"));
                assert_eq!(fits("settlement", code, fraud), clean, "{code} {fraud:?}");
                assert!(!fits("refund", code, fraud) || code == "200");
            }
        }
        assert!(fits("capture", "200", None) && !fits("capture", "200", Some("challenge")));
        assert!(fits("capture", "201", Some("challenge")) && !fits("capture", "201", None));
    }
}
