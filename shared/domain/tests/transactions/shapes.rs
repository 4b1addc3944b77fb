//! The record's two shapes, member by member and in order.

use paywarden_domain::id::TransactionId;
use paywarden_domain::json::JsonObject;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::time::Zone;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{apply, first_seen};
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::report::Report;
use paywarden_domain::transaction::status_answer::{StatusAnswer, StatusId, status_id};
use paywarden_domain::transaction::submission::Submission;
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_testing::builders;
use serde_json::{Value, json};

fn transaction(method: Method, currency: &str, attributes: Value) -> Transaction {
    let mut draft = builders::draft("INV0045");
    draft.method = method;
    draft.money = builders::money("500.25", currency);
    draft.attributes = builders::object(attributes);
    draft.merchant_fields.metadata = builders::object(json!({"basket": 7}));
    draft.into_transaction(&builders::merchant("one"), builders::at("2024-12-28T20:14:47Z"), "corr-1")
}

fn reported(current: &Transaction, report: &Report) -> Transaction {
    let provider = builders::provider(&builders::merchant("one"), ProviderType::DebitOrder);
    apply(current, report, &builders::origin(&provider, "2025-01-20T03:30:05Z")).next.unwrap()
}

/// A debit order of which everything is known.
fn paid_debit_order() -> Transaction {
    let mut draft =
        transaction(Method::DebiCheck, "ZAR", json!({"bank_code": "632005", "account_last4": "6789"}));
    let fields = &mut draft.merchant_fields;
    fields.payments_id = Some("pay_1".to_owned());
    fields.customers_id = Some("cus_lpzgQpM56pm-FC01L4qSb".to_owned());
    fields.bank_accounts_id = Some("ban_bV4BP2PcdJFgu9lVawE0_".to_owned());
    fields.mandates_id = Some("man_GxHu2gBsBWnddf0-Sh5Cm".to_owned());
    fields.payment_reference = Some("FAHE03053406".to_owned());
    fields.submission_batch_reference = Some("ABBO61857139".to_owned());
    fields.payment_data = builders::object(json!({"amount": 500.25}));
    let report = Report {
        money: None,
        submissions: vec![Submission::DebiCheck {
            timestamp: builders::at("2025-01-20T03:30:03.737Z"),
            status: "PAID".to_owned(),
            message: None,
            bank_code: 0,
        }],
        ..builders::report("INV0045", Status::Paid, "2025-01-20T03:30:03.737Z")
    };
    reported(&draft, &report)
}

#[test]
fn the_record_of_the_transactions_api() {
    let paid = paid_debit_order();
    let shown = TransactionRecord::new(&paid, &Zone::parse("Africa/Johannesburg").unwrap());
    let expected = json!({
        "id": paid.id,
        "created_at": "2024-12-28 22:14:47",
        "updated_at": "2025-01-20 05:30:05",
        "charged_at": "2025-01-20 05:30:03",
        "status_changed_at": "2025-01-20 05:30:05",
        "payment_methods_id": "pam_8k0qdgyfwxwhhbghhm1ta22kza",
        "payments_id": "pay_1",
        "customers_id": "cus_lpzgQpM56pm-FC01L4qSb",
        "bank_accounts_id": "ban_bV4BP2PcdJFgu9lVawE0_",
        "mandates_id": "man_GxHu2gBsBWnddf0-Sh5Cm",
        "transaction_reference": "INV0045",
        "payment_reference": "FAHE03053406",
        "submission_batch_reference": "ABBO61857139",
        "transaction_status_lookups_id": "loo_qbt7afx13y52427dt2203rdy7k",
        "amount": 500.25,
        "payment_data": {"amount": 500.25},
        "unpaid_reason": null,
        "submission_data": [
            {"status": "PAID", "message": null, "bank_code": 0, "timestamp": "2025-01-20T03:30:03.737Z"},
        ],
        "currency": "ZAR",
        "direction": "receive",
        "method": "DEBICHECK",
        "status": "PAID",
        "provider_id": paid.provider.as_ref().unwrap().id,
        "provider_name": "debit-order",
        "destination": "632005",
        "attributes": {"bank_code": "632005", "account_last4": "6789"},
        "metadata": {"basket": 7},
        "fee": null,
        "tax": null,
        "paid_at": "2025-01-20 05:30:03",
        "expired_at": null,
        "occurrence": 1,
        "held": false,
        "version": 2,
    });
    // As text, because the order of the members is part of the document.
    assert_eq!(serde_json::to_string(&shown).unwrap(), expected.to_string());
    let members: Vec<_> = expected.as_object().unwrap().keys().collect();
    assert_eq!(members, TransactionRecord::MEMBERS);
}

#[test]
fn the_variants_of_the_status_api() {
    let cases = [
        (Method::Qris, "QR_", json!({"qrData": "000201", "nmid": "ID102"})),
        (Method::EWallet, "EW_", json!({"code": "DANA", "deeplink": "https://dana.example/1"})),
        (Method::VirtualAccount, "VA_", json!({"code": "BCA", "va_number": "8808", "va_name": "Budi"})),
        (Method::CreditCard, "CC_", json!({"brand": "VISA", "last4": "4242"})),
        (Method::DebiCheck, "DO_", json!({"bank_code": "632005", "account_last4": "6789"})),
        (Method::EftDebit, "DO_", json!({"bank_code": "632005", "account_last4": "6789"})),
        (
            Method::BankTransfer,
            "SM_",
            json!({"bankAccountNo": "123", "bankShortCode": "BCA", "bankAccountHolderName": "Budi", "bankName": "BCA"}),
        ),
    ];
    for (method, prefix, attributes) in cases {
        let transaction = transaction(method, "ZAR", attributes.clone());
        let shown = StatusAnswer::new(&transaction, &Zone::parse("Asia/Jakarta").unwrap());
        let mut expected = json!({
            "id": format!("{prefix}{}", transaction.id.body()),
            "externalId": "INV0045",
            "amount": 500.25,
            "status": method.initial_status(),
            "attributes": attributes,
            "createdAt": "2024-12-29T03:14:47+07:00",
            "paidAt": null,
            "expiredAt": null,
            "metadata": {"basket": 7},
        });
        if method == Method::BankTransfer {
            // Send Money has no expiry; `shift_remove` keeps the order of the others.
            expected.as_object_mut().unwrap().shift_remove("expiredAt");
        }
        assert_eq!(serde_json::to_string(&shown).unwrap(), expected.to_string(), "{method}");
    }
}

#[test]
fn a_payment_nobody_described_still_has_every_member() {
    let merchant = builders::merchant("one");
    let provider = builders::provider(&merchant, ProviderType::Xendit);
    let report = builders::report("INV0045", Status::Paid, "2025-01-20T03:30:03Z");
    let origin = builders::origin(&provider, "2025-01-20T03:30:05Z");
    let seen = first_seen(&merchant, "INV0045", None, &report, &origin).unwrap();
    let shown = serde_json::to_value(StatusAnswer::new(&seen, &merchant.zone)).unwrap();
    assert_eq!(shown["attributes"], json!({"qrData": null, "nmid": null}));
    assert_eq!((&shown["metadata"], &shown["paidAt"]), (&json!({}), &json!("2025-01-20T10:30:03+07:00")));
    let record = serde_json::to_value(TransactionRecord::new(&seen, &merchant.zone)).unwrap();
    assert_eq!(record["payment_data"], json!({}));
    assert_eq!(record["submission_data"], json!([]));
}

#[test]
fn an_expiry_that_only_the_provider_told_is_shown() {
    let (current, report) = (
        transaction(Method::Qris, "ZAR", json!({})),
        Report { money: None, ..builders::report("INV0045", Status::Expired, "2025-01-20T03:00:00Z") },
    );
    let shown =
        serde_json::to_value(TransactionRecord::new(&reported(&current, &report), &Zone::UTC)).unwrap();
    assert_eq!((&shown["status"], &shown["expired_at"]), (&json!("EXPIRED"), &json!("2025-01-20 03:00:00")));
}

#[test]
fn a_write_that_nobody_can_see_is_no_difference() {
    let current = transaction(Method::Qris, "IDR", json!({}));
    let shown = |transaction: &Transaction| TransactionRecord::new(transaction, &Zone::UTC);
    let rewritten = Transaction { version: 9, updated_at: Some(current.created_at), ..current.clone() };
    assert!(!shown(&rewritten).differs_from(&shown(&current)));
    let changed =
        Transaction { said_attributes: builders::object(json!({"nmid": "ID1"})), ..current.clone() };
    assert!(shown(&changed).differs_from(&shown(&current)));
}

#[test]
fn a_status_id_fits_its_method_only() {
    let id = TransactionId::of(&builders::merchant("one").id, "INV0045", 1);
    for method in Method::ALL {
        for other in Method::ALL {
            let parsed = StatusId::parse(&status_id(*other, &id)).unwrap();
            let fits = method.status_id_prefix() == other.status_id_prefix();
            assert_eq!((&parsed.transaction_id, parsed.fits(*method)), (&id, fits), "{method} {other}");
        }
        assert!(StatusId::parse(id.as_str()).unwrap().fits(*method));
    }
    for nonsense in ["", "QR_", "XX_", &format!("ZZ_{}", id.body()), &format!("QR_{}x", id.body()), "é"] {
        assert_eq!(StatusId::parse(nonsense), None, "{nonsense}");
    }
}

#[test]
fn free_form_objects_are_bounded() {
    let longest = json!({"text": "x".repeat(JsonObject::MAX_BYTES - r#"{"text":""}"#.len())});
    let object = |value: &Value| JsonObject::new(value.as_object().unwrap().clone());
    assert!(object(&longest).is_ok());
    assert!(object(&json!({"text": format!("{}x", longest["text"].as_str().unwrap())})).is_err());
}
