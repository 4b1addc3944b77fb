//! The ways in which a list of named values can be tampered with.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// One way to tamper with a list of named texts: the members of a body, or the headers.
#[derive(Debug, Clone)]
pub(crate) enum Tampering {
    Replace(Index, Value),
    /// Takes so many characters off the end of one and puts them before the next, or the other way round.
    Shift(Index, usize, bool),
    /// A text becomes the number that it reads as, a number its text.
    Retype(Index),
    Drop(Index),
    Add(&'static str, Value),
    /// Two neighbours change their values.
    Swap(Index),
}

/// Names and words that mean something to one adapter or another.
const NAMES: &[&str] = &[
    "transaction_status",
    "status_code",
    "fraud_status",
    "order_id",
    "gross_amount",
    "signature_key",
    "reference_no",
    "partner_reference_no",
    "status",
    "amount",
    "settlement_time",
    "refunds",
    "metadata",
    "account_id",
    "event_name",
    "events",
    "latestTransactionStatus",
    "virtualAccountNo",
    "paidAmount",
    "trxId",
    "reference",
    "unpaid_code",
    "currency",
];
const WORDS: &[&str] = &[
    "settlement",
    " settlement",
    "capture ",
    "capture",
    "pending",
    "refund",
    "deny",
    "cancel",
    "expire",
    "accept",
    "challenge",
    "200",
    "201",
    "202",
    "407",
    "PAID",
    "FAILED",
    "UNPAID",
    "completed",
    "00",
    "06",
    "IDR",
    "ZAR",
    "",
    "0",
    "5539.00",
    "ORDER-101",
    "INV0045",
];

fn word() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(WORDS).prop_map(|word| json!(word)),
        "[ -~]{0,12}".prop_map(|text| json!(text)),
        (0_u32..10_000).prop_map(|number| json!(number)),
        Just(Value::Null),
        Just(json!({"value": "1.00", "currency": "IDR"})),
    ]
}

/// Any way.
pub(crate) fn tampering() -> impl Strategy<Value = Tampering> {
    prop_oneof![
        (any::<Index>(), word()).prop_map(|(at, value)| Tampering::Replace(at, value)),
        (any::<Index>(), 1_usize..8, any::<bool>())
            .prop_map(|(at, count, forward)| Tampering::Shift(at, count, forward)),
        any::<Index>().prop_map(Tampering::Retype),
        any::<Index>().prop_map(Tampering::Drop),
        (select(NAMES), word()).prop_map(|(name, value)| Tampering::Add(name, value)),
        any::<Index>().prop_map(Tampering::Swap),
    ]
}

impl Tampering {
    /// Tampers with a list.
    pub(crate) fn apply(&self, list: &mut Vec<(String, Value)>) {
        let length = list.len().max(1);
        match self {
            Self::Add(name, value) => {
                list.retain(|(known, _)| known != name);
                list.push(((*name).to_owned(), value.clone()));
            }
            _ if list.is_empty() => {}
            Self::Replace(at, value) => list[at.index(length)].1 = value.clone(),
            Self::Retype(at) => retype(&mut list[at.index(length)].1),
            Self::Drop(at) => drop(list.remove(at.index(length))),
            Self::Swap(at) => {
                let (at, next) = (at.index(length), (at.index(length) + 1) % length);
                let value = std::mem::replace(&mut list[next].1, Value::Null);
                let other = std::mem::replace(&mut list[at].1, value);
                list[next].1 = other;
            }
            Self::Shift(at, count, forward) => {
                let (at, next) = (at.index(length), (at.index(length) + 1) % length);
                let (Some(mut left), Some(mut right)) = (text(&list[at].1), text(&list[next].1)) else {
                    return;
                };
                shift(&mut left, &mut right, *count, *forward);
                list[at].1 = json!(left);
                list[next].1 = json!(right);
            }
        }
    }
}

/// A text, or the digits of a number.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn shift(left: &mut String, right: &mut String, count: usize, forward: bool) {
    if forward {
        let kept = left.chars().count().saturating_sub(count);
        let moved: String = left.chars().skip(kept).collect();
        *left = left.chars().take(kept).collect();
        *right = format!("{moved}{right}");
    } else {
        let moved: String = right.chars().take(count).collect();
        *right = right.chars().skip(count).collect();
        left.push_str(&moved);
    }
}

fn retype(value: &mut Value) {
    *value = match &*value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        Value::Number(number) => json!(number.to_string()),
        other => json!([other]),
    };
}
