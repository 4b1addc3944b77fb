//! Reports that no record could hold are not booked, whichever text is at fault; what only people read is made to fit.

use http::HeaderMap;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Timestamp;
use paywarden_providers::{Callback, Heard, adapter, hear};
use proptest::prelude::*;
use serde_json::{Value, json};

fn heard(provider_type: ProviderType, body: &Value) -> Heard {
    let body = body.to_string();
    let callback = Callback {
        headers: &HeaderMap::new(),
        path: "/v1/callbacks/prv_example",
        path_token: None,
        body: body.as_bytes(),
        received_at: Timestamp::parse("2026-11-20T08:00:00Z").unwrap(),
    };
    hear(adapter(provider_type), &callback).unwrap()
}

fn event(changes: Value) -> Value {
    let mut event = json!({"transaction_reference": "G-1", "provider_transaction_id": "gp-1", "status": "FAILED",
        "amount": "500.25", "currency": "ZAR", "method": "CREDIT_CARD"});
    for (name, value) in changes.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn collection(changes: Value) -> Value {
    let mut body = json!({"reference": "INV0045", "type": "EFT", "amount": "500.25", "status": "UNPAID"});
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[test]
fn a_text_that_is_too_long_or_not_printable_leaves_its_report_unbooked() {
    let text = |length: usize| "x".repeat(length);
    let of_generic = [
        (json!({"transaction_reference": text(129)}), "reference"),
        (json!({"transaction_reference": "a\u{0}b"}), "reference"),
        (json!({"transaction_reference": "a\u{85}b"}), "reference"),
        (json!({"provider_transaction_id": text(129)}), "provider_transaction_id"),
        (json!({"provider_transaction_id": text(2048)}), "provider_transaction_id"),
        (json!({"provider_transaction_id": "a\tb"}), "provider_transaction_id"),
        (json!({"status": text(129)}), "status"),
        (json!({"code": text(129)}), "code"),
        (json!({"payment_reference": text(36)}), "payment_reference"),
        (json!({"attributes": {"brand": text(513)}}), "brand"),
        (json!({"attributes": {"brand": "a\nb"}}), "brand"),
        (json!({"attributes": {"brand": 7}}), "brand"),
        (json!({"attributes": {"last4": "4111111111111111"}}), "last4"),
        (json!({"attributes": {"brand": text(3000)}}), "attributes"),
    ];
    let late = json!([{"date": "2026-11-20 08:00:00", "code": text(129), "message": "x"}]);
    let of_bureau = [(json!({"submissions": late}), "submissions.code")];
    let cases =
        of_generic.into_iter().map(|(changes, name)| (ProviderType::Generic, event(changes), name)).chain(
            of_bureau
                .into_iter()
                .map(|(changes, name)| (ProviderType::DebitOrder, collection(changes), name)),
        );
    for (provider_type, body, name) in cases {
        let heard = heard(provider_type, &body);
        assert!(heard.reports.is_empty(), "{name}: {heard:?}");
        let [unbooked] = heard.unbooked.try_into().unwrap();
        assert!(unbooked.event.is_none() && unbooked.reason.contains(name), "{name}: {unbooked:?}");
    }
}

#[test]
fn what_just_fits_is_taken() {
    let body = event(
        json!({"transaction_reference": "é".repeat(128), "provider_transaction_id": "订".repeat(128),
        "code": "x".repeat(128), "payment_reference": "x".repeat(35), "attributes": {"brand": "", "last4": "4242"}}),
    );
    let [report] = heard(ProviderType::Generic, &body).reports.try_into().unwrap();
    assert_eq!(report.reference.map(|reference| reference.chars().count()), Some(128));
}

#[test]
fn a_detail_that_no_method_has_is_left_out() {
    let body = event(json!({"attributes": {"brand": "VISA", "colour": "blue", "size": [1]}}));
    let [report] = heard(ProviderType::Generic, &body).reports.try_into().unwrap();
    assert_eq!(report.attributes.to_value(), json!({"brand": "VISA"}));
}

#[test]
fn words_for_people_are_made_to_fit() {
    let body = event(json!({"message": format!("  declined\r\n\tby  the bank {}", "x".repeat(900))}));
    let [report] = heard(ProviderType::Generic, &body).reports.try_into().unwrap();
    let message = report.message.unwrap();
    assert!(message.starts_with("declined by the bank x"), "{message}");
    assert_eq!(message.chars().count(), 512);
}

#[test]
fn a_refunds_id_is_bounded_too() {
    let body = json!({"event": "refund.succeeded", "data": {"id": "x".repeat(200), "payment_id": "py-1", "amount": 1,
        "currency": "IDR", "status": "SUCCEEDED"}});
    let heard = heard(ProviderType::Xendit, &body);
    assert!(heard.reports.is_empty());
    assert!(heard.unbooked[0].reason.contains("refund id"), "{heard:?}");
}

#[test]
fn a_name_is_bounded_and_holds_nothing_that_is_no_letter() {
    let body = json!({"event": format!("new\u{1b}[31m.{}", "x".repeat(400)), "data": {}});
    let [unbooked] = heard(ProviderType::Xendit, &body).unbooked.try_into().unwrap();
    let name = unbooked.event.unwrap();
    assert!(name.starts_with("new[31m.x") && name.chars().count() == 64, "{name}");
}

#[test]
fn a_batch_of_which_nothing_can_be_read_is_refused() {
    let body = json!({"events": [{"status": "PAID"}, {"status": "PAID"}]}).to_string();
    let callback = Callback {
        headers: &HeaderMap::new(),
        path: "",
        path_token: None,
        body: body.as_bytes(),
        received_at: Timestamp::parse("2026-11-20T08:00:00Z").unwrap(),
    };
    let malformed = hear(adapter(ProviderType::Generic), &callback).unwrap_err();
    assert_eq!(malformed.field, "transaction_reference");
}

proptest! {
    /// Whatever stands in a batch, each row is either reported or listed, and every report fits a key.
    #[test]
    fn no_row_is_lost_and_none_is_poison(ids in prop::collection::vec(".{0,160}", 1..12)) {
        let events: Vec<Value> = ids.iter().map(|id| event(json!({"provider_transaction_id": id}))).collect();
        let heard = heard(ProviderType::Generic, &json!({"events": events}));
        prop_assert_eq!(heard.reports.len() + heard.unbooked.len(), ids.len());
        for report in &heard.reports {
            let id = report.provider_transaction_id.as_deref().unwrap_or("absent");
            prop_assert!(id.len() <= 1024 && !id.chars().any(char::is_control));
        }
    }
}
