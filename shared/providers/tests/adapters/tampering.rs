//! A signature vouches for its message only. Every sample is tampered with: members of its body and its headers are changed,
//! dropped, added, given another type, and their ends shifted to their neighbours. What is still believed has to mean the
//! same, as far as the provider's scheme reaches:
//!
//! | scheme | reaches |
//! |---|---|
//! | a signature over the body (`generic`, `snap`, `debit-order`, Midtrans' payouts) | everything that is reported |
//! | a signature over order, code and amount (Midtrans' payments) | the order, the most that was paid, and whether it can have succeeded |
//! | a token (`xendit`, `brick`) | nothing of the body: only that nobody without the token is believed |

use http::{HeaderName, HeaderValue};
use paywarden_domain::money::Currency;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::Status;
use proptest::prelude::*;
use proptest::sample::Index;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::samples::{Sample, samples};
use crate::ways::{Tampering, tampering, text};

/// The sample with a body that was tampered with, in the body itself or one object deeper.
fn with_body(sample: &Sample, tampering: &Tampering, depth: Option<Index>) -> Option<Sample> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(&sample.body) else { return None };
    let inner: Vec<String> =
        members.iter().filter(|(_, value)| value.is_object()).map(|(name, _)| name.clone()).collect();
    match depth.filter(|_| !inner.is_empty()) {
        None => tamper(&mut members, tampering),
        Some(at) => tamper(members[at.get(&inner)].as_object_mut()?, tampering),
    }
    Some(Sample { body: Value::Object(members).to_string().into_bytes(), ..sample.clone() })
}

fn tamper(members: &mut Map<String, Value>, tampering: &Tampering) {
    let mut list: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
    // What is signed together stands together, so that ends can be shifted between them.
    list.sort_by_key(|(name, _)| {
        ["order_id", "status_code", "gross_amount"].iter().position(|known| known == name)
    });
    tampering.apply(&mut list);
    members.extend(list);
}

fn with_headers(sample: &Sample, tampering: &Tampering) -> Option<Sample> {
    let mut list: Vec<(String, Value)> = sample
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    tampering.apply(&mut list);
    let headers = list.iter().map(|(name, value)| {
        let name: HeaderName = name.to_lowercase().parse().ok()?;
        Some((name, HeaderValue::from_str(&text(value)?).ok()?))
    });
    Some(Sample { headers: headers.collect::<Option<_>>()?, ..sample.clone() })
}

/// Whether it tells that money moved.
fn succeeds(report: &Report) -> bool {
    !matches!(report.status(), Some(status) if !status.is_success() && status != Status::Reversed)
        && !matches!(report.happening, Happening::Unknown { .. })
}

/// Whether what was believed of `sample` and what is believed of it now mean the same, as far as its scheme reaches.
fn means_the_same(sample: &Sample, before: &[Report], after: &[Report]) -> bool {
    let signed_in_part =
        sample.provider_type == ProviderType::Midtrans && !sample.headers.contains_key("iris-signature");
    match sample.provider_type {
        ProviderType::Xendit | ProviderType::Brick => true,
        _ if !signed_in_part => before == after,
        _ => {
            let (paid, well) = (gross(sample), signed_as_done(sample));
            after.iter().all(|after| {
                before.iter().any(|before| {
                    // Another currency is other money, and held against the record's.
                    let dearer = after.money.is_some_and(|money| {
                        money.currency() == Currency::IDR && Some(money.amount()) > paid
                    });
                    before.reference == after.reference && !dearer && (well || !succeeds(after))
                })
            })
        }
    }
}

/// Whether it was signed with the code of what went well, be it a payment, a cancellation or a refund.
fn signed_as_done(sample: &Sample) -> bool {
    serde_json::from_slice::<Value>(&sample.body).is_ok_and(|body| body["status_code"] == "200")
}

/// What was signed to have been paid.
fn gross(sample: &Sample) -> Option<Decimal> {
    let body: Value = serde_json::from_slice(&sample.body).ok()?;
    body["gross_amount"].as_str()?.parse().ok()
}

fn check(sample: &Sample, tampered: &Sample) -> Result<(), TestCaseError> {
    let Some(after) = tampered.accepted() else { return Ok(()) };
    // A sample that was believed and could not be read says nothing that could be compared.
    let before = sample.accepted();
    let same = match &before {
        Some(before) => means_the_same(sample, before, &after),
        None if sample.expect["malformed"].is_string() => true,
        // What was signed can be told truly after all: as what was signed.
        None => sample.expect["verify"] == "inconsistent" && !after.iter().any(succeeds),
    };
    // What reports nothing was taken for something else, and does nothing.
    prop_assert!(
        same || after.is_empty(),
        "{}\n{}\n{:?}\nbefore: {before:?}\nafter: {after:?}",
        sample.name,
        String::from_utf8_lossy(&tampered.body),
        tampered.headers
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_body_that_was_tampered_with_means_the_same_or_nothing(
        tampering in tampering(),
        depth in prop::option::weighted(0.3, any::<Index>()),
    ) {
        for sample in samples() {
            if let Some(tampered) = with_body(&sample, &tampering, depth) {
                check(&sample, &tampered)?;
            }
        }
    }

    #[test]
    fn headers_that_were_tampered_with_mean_the_same_or_nothing(tampering in tampering()) {
        for sample in samples() {
            if let Some(tampered) = with_headers(&sample, &tampering) {
                check(&sample, &tampered)?;
            }
        }
    }

    #[test]
    fn a_token_in_the_address_is_the_whole_token(token in prop::option::of("[ -~]{0,40}")) {
        for sample in samples().iter().filter(|sample| sample.path_token.is_some()) {
            check(sample, &Sample { path_token: token.clone(), ..sample.clone() })?;
        }
    }
}

/// Every way to take characters from one signed member and give them to the next, whatever type they are written in.
#[test]
fn what_midtrans_signed_can_be_read_in_one_way_only() {
    let of_midtrans = |sample: &Sample| sample.provider_type == ProviderType::Midtrans;
    for sample in samples().into_iter().filter(of_midtrans) {
        let Some(before) = sample.accepted() else { continue };
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(&sample.body) else { continue };
        let signed = ["order_id", "status_code", "gross_amount"].map(|name| members.get(name).and_then(text));
        let [Some(order), Some(code), Some(amount)] = signed else { continue };
        let whole = format!("{order}{code}{amount}");
        for first in 0..=whole.len() {
            for second in first..=whole.len() {
                let mut tampered = members.clone();
                for (name, part) in [
                    ("order_id", 0..first),
                    ("status_code", first..second),
                    ("gross_amount", second..whole.len()),
                ] {
                    tampered.insert(name.to_owned(), json!(whole[part]));
                }
                let body = Value::Object(tampered).to_string().into_bytes();
                if let Some(after) = (Sample { body, ..sample.clone() }).accepted() {
                    assert_eq!(after, before, "{}: {first}, {second}", sample.name);
                }
            }
        }
    }
}
