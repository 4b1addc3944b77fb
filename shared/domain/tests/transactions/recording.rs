//! What a merchant's post comes to.

use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::first_seen;
use paywarden_domain::transaction::draft::{Draft, Recording};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_testing::builders;
use serde_json::json;

const NOW: &str = "2026-11-20T08:00:00Z";

fn recorded(draft: Draft) -> Transaction {
    draft.into_transaction(&builders::merchant("one"), builders::at(NOW), "corr-1")
}

fn seen_from_provider(reference: &str) -> Transaction {
    let merchant = builders::merchant("one");
    let provider = builders::provider(&merchant, paywarden_domain::provider::ProviderType::Xendit);
    let mut report = builders::report(reference, Status::Paid, "2026-11-20T07:00:00Z");
    report.provider_transaction_id = Some("pay_1".to_owned());
    first_seen(&merchant, reference, None, &report, &builders::origin(&provider, NOW)).unwrap()
}

fn over(draft: Draft, existing: &Transaction) -> Recording {
    draft.over(existing, builders::at("2026-11-20T09:00:00Z"), "corr-2")
}

#[test]
fn a_new_record_starts_at_version_1_in_its_methods_first_status() {
    for method in Method::ALL {
        let transaction = recorded(Draft { method: *method, ..builders::draft("INV0045") });
        assert_eq!(transaction.version, 1);
        assert_eq!(transaction.status(), method.initial_status(), "{method}");
        assert_eq!((transaction.updated_at, transaction.charged_at()), (None, None));
        assert_eq!(transaction.status_changed_at, builders::at(NOW));
    }
}

#[test]
fn what_was_made_earlier_keeps_its_time_and_is_news_of_now() {
    let made = builders::at("2026-11-01T00:00:00Z");
    let transaction = recorded(Draft { created_at: Some(made), ..builders::draft("INV0045") });
    assert_eq!((transaction.created_at, transaction.status_changed_at), (made, builders::at(NOW)));
}

#[test]
fn the_same_content_is_the_same_whatever_the_order_of_its_members() {
    let with = |metadata| {
        let mut draft = builders::draft("INV0045");
        draft.merchant_fields.metadata = builders::object(metadata);
        draft
    };
    let existing = recorded(with(json!({"a": 1, "b": {"c": 2, "d": 3}})));
    assert_eq!(over(with(json!({"b": {"d": 3, "c": 2}, "a": 1})), &existing), Recording::Same);
    assert_eq!(over(with(json!({"a": 1, "b": {"c": 2, "d": 4}})), &existing), Recording::Conflict);
}

#[test]
fn every_member_counts() {
    let existing = recorded(builders::draft("INV0045"));
    let draft = || builders::draft("INV0045");
    let fields = |change: fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        draft
    };
    let changed = [
        fields(|draft| draft.money = builders::money("10000.5", "IDR")),
        fields(|draft| draft.money = builders::money("10000", "ZAR")),
        fields(|draft| draft.method = Method::EWallet),
        fields(|draft| draft.attributes = builders::object(json!({"nmid": "ID1"}))),
        fields(|draft| draft.expired_at = Some(builders::at(NOW))),
        fields(|draft| draft.created_at = Some(builders::at(NOW))),
        fields(|draft| draft.provider_transaction_id = Some("pay_1".to_owned())),
        fields(|draft| draft.merchant_fields.customers_id = Some("cus_1".to_owned())),
        fields(|draft| draft.merchant_fields.mandates_id = Some("cus_1".to_owned())),
        fields(|draft| draft.merchant_fields.payment_data = builders::object(json!({"a": 1}))),
        fields(|draft| draft.merchant_fields.metadata = builders::object(json!({"a": 1}))),
        fields(|draft| draft.merchant_fields.destination = Some("BCA".to_owned())),
    ];
    for (index, draft) in changed.into_iter().enumerate() {
        assert_eq!(over(draft, &existing), Recording::Conflict, "change {index}");
    }
    assert_eq!(over(draft(), &existing), Recording::Same);
}

#[test]
fn a_post_behind_the_callback_fills_in_what_the_merchant_owns() {
    let existing = seen_from_provider("INV0045");
    let mut draft = builders::draft("INV0045");
    draft.merchant_fields.customers_id = Some("cus_1".to_owned());
    draft.expired_at = Some(builders::at("2026-11-21T00:00:00Z"));
    let Recording::Filled(filled) = over(draft, &existing) else {
        panic!("the provider spoke first");
    };
    assert_eq!(filled.merchant_fields.customers_id.as_deref(), Some("cus_1"));
    assert_eq!((filled.version, filled.status()), (2, Status::Paid));
    assert_eq!(filled.status_changed_at, existing.status_changed_at);
    assert_eq!(filled.provider_transaction_id.as_deref(), Some("pay_1"));
    assert!(filled.fingerprint.is_some());
}

#[test]
fn a_post_behind_the_callback_may_not_contradict_it() {
    let existing = seen_from_provider("INV0045");
    let draft = || builders::draft("INV0045");
    for contradicting in [
        Draft { money: builders::money("9999", "IDR"), ..draft() },
        Draft { money: builders::money("10000", "ZAR"), ..draft() },
        Draft { method: Method::EWallet, ..draft() },
    ] {
        assert_eq!(over(contradicting, &existing), Recording::Conflict);
    }
}

#[test]
fn a_post_that_names_another_payment_than_was_reported_names_one_more_attempt() {
    let existing = seen_from_provider("INV0045");
    let provider = existing.provider.clone();
    let draft =
        Draft { provider, provider_transaction_id: Some("pay_2".to_owned()), ..builders::draft("INV0045") };
    let Recording::Filled(filled) = over(draft, &existing) else {
        panic!("the provider spoke first");
    };
    assert_eq!((filled.status(), filled.provider_transaction_id.as_deref()), (Status::Paid, Some("pay_1")));
    assert_eq!(filled.attempts().len(), 2);
}
