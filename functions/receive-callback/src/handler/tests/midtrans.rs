//! What Midtrans' signatures vouch for, and what they do not.

use data_encoding::HEXLOWER;
use paywarden_domain::provider::ProviderType;
use paywarden_domain::vocabulary::{Method, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::sender::Sender;

const SERVER_KEY: &str = "Mid-server-example";
const IRIS_KEY: &str = "IRIS-merchant-example";

async fn sender() -> Sender {
    Sender::of(ProviderType::Midtrans, &json!({"server_key": SERVER_KEY, "iris_merchant_key": IRIS_KEY}))
        .await
}

fn hash(text: &str) -> String {
    HEXLOWER.encode(&Sha512::digest(text))
}

fn payment(status: &str, code: &str) -> Value {
    json!({"transaction_id": "t-1", "order_id": "ORDER-101", "gross_amount": "5539.00", "currency": "IDR",
        "payment_type": "qris", "transaction_time": "2026-11-20 14:50:00", "transaction_status": status,
        "status_code": code, "fraud_status": "accept",
        "signature_key": hash(&format!("ORDER-101{code}5539.00{SERVER_KEY}"))})
}

fn with(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn send(sender: &Sender, body: &Value) -> u16 {
    sender.send(&[], &body.to_string()).await
}

async fn send_payout(sender: &Sender, body: &Value) -> u16 {
    let body = body.to_string();
    sender.send(&[("iris-signature", hash(&format!("{body}{IRIS_KEY}")).as_str())], &body).await
}

#[tokio::test]
async fn digits_cannot_be_shifted_between_what_was_signed() {
    let sender = sender().await;
    let shifted = [
        json!({"status_code": "2005", "gross_amount": "539.00"}),
        json!({"status_code": "20", "gross_amount": "05539.00"}),
        json!({"order_id": "ORDER-1012", "status_code": "005", "gross_amount": "539.00"}),
        json!({"order_id": "ORDER-1", "status_code": "012", "gross_amount": "005539.00"}),
        json!({"order_id": "ORDER-101200", "status_code": 200}),
        json!({"order_id": "ORDER-1012005539.00", "status_code": null, "gross_amount": 1}),
        json!({"order_id": "ORDER-1012005", "status_code": "539", "gross_amount": ".00"}),
    ];
    for changes in shifted {
        let body = with(payment("settlement", "200"), changes.clone());
        assert_eq!(send(&sender, &body).await, 401, "{changes}");
    }
    assert!(sender.nothing_is_queued());
    assert!(sender.unmatched().await.is_empty(), "what anybody can send is not stored");
    assert_eq!(send(&sender, &payment("settlement", "200")).await, 200);
}

#[tokio::test]
async fn a_status_goes_with_its_codes_only() {
    let sender = sender().await;
    for (status, code) in [
        ("settlement", "201"),
        ("settlement", "202"),
        ("settlement", "407"),
        ("capture", "201"),
        ("capture", "202"),
        ("refund", "201"),
        ("pending", "200"),
        ("pending", "202"),
        ("deny", "200"),
        ("expire", "200"),
        ("settlement", "999"),
    ] {
        assert_eq!(send(&sender, &payment(status, code)).await, 401, "{status} {code}");
    }
    for disguised in [" settlement", "settlement\n", "\u{a0}settlement"] {
        assert_eq!(send(&sender, &payment(disguised, "201")).await, 401, "{disguised:?}");
    }
    let doubted = with(payment("settlement", "200"), json!({"fraud_status": "deny"}));
    assert_eq!(send(&sender, &doubted).await, 401);
    assert!(sender.nothing_is_queued());
    for (status, code, expected) in [
        ("pending", "201", Status::Pending),
        ("settlement", "200", Status::Paid),
        ("capture", "200", Status::Paid),
        ("deny", "202", Status::Failed),
        ("cancel", "200", Status::Failed),
        ("cancel", "202", Status::Failed),
        ("expire", "407", Status::Expired),
        ("expire", "202", Status::Expired),
        ("refund", "200", Status::Reversed),
    ] {
        assert_eq!(send(&sender, &payment(status, code)).await, 200, "{status} {code}");
        let [report] = sender.queued_reports().try_into().unwrap();
        assert_eq!(report.status(), Some(expected), "{status} {code}");
    }
}

#[tokio::test]
async fn a_payments_signature_proves_no_payout() {
    let sender = sender().await;
    let disguised = with(
        payment("pending", "201"),
        json!({"reference_no": "iris-9d9f", "amount": "200000.00", "status": "completed"}),
    );
    send(&sender, &disguised).await;
    for report in sender.queued_reports() {
        assert_eq!((report.method, report.status()), (Some(Method::Qris), Some(Status::Pending)));
    }
    let payout = json!({"reference_no": "iris-9d9f", "amount": "200000.00", "status": "completed"});
    assert_eq!(send(&sender, &payout).await, 401, "a payout without the payouts' signature");
    let disguised = with(payment("settlement", "200"), json!({"signature_key": null}));
    send_payout(&sender, &disguised).await;
    assert!(sender.queued_reports().is_empty(), "a payout's signature proves no payment");
}

#[tokio::test]
async fn the_price_is_what_is_left_when_the_provider_explains_its_fee() {
    let sender = sender().await;
    let explained = |price: &str, fee: Value| {
        let info =
            json!({"original_amount": price, "gross_amount": "5539", "customer_imposed_payment_fee": fee});
        let metadata = json!({"metadata": {"extra_info": {"gross_amount_info": info}}});
        with(payment("settlement", "200"), metadata)
    };
    for (price, fee, expected) in [
        ("5500", json!("39"), "5500"),
        ("5500.00", json!(39), "5500"),
        ("5500", json!("40"), "5539"),
        ("5600", json!("-61"), "5539"),
        ("free", json!("39"), "5539"),
    ] {
        assert_eq!(send(&sender, &explained(price, fee)).await, 200);
        let [report] = sender.queued_reports().try_into().unwrap();
        assert_eq!(report.money.unwrap().amount_text(), expected, "{price}");
    }
}

#[tokio::test]
async fn payouts_carry_the_merchants_reference_and_topups_are_listed() {
    let sender = sender().await;
    let payout = json!({"reference_no": "iris-9d9f", "partner_reference_no": "PAYOUT-1", "amount": "200000.00",
        "status": "completed", "updated_at": "2026-11-20T07:40:00Z"});
    assert_eq!(send_payout(&sender, &payout).await, 200);
    let [report] = sender.queued_reports().try_into().unwrap();
    assert_eq!(report.reference.as_deref(), Some("PAYOUT-1"));
    let topup = json!({"transaction_id": "t", "order_id": "o", "gross_amount": "1000000.00", "status": "topup",
        "transaction_time": "2026-11-20 14:40:00"});
    assert_eq!(send_payout(&sender, &topup).await, 200);
    let [entry] = sender.unmatched().await.try_into().unwrap();
    assert_eq!(entry.detail["event"], "topup");
    assert!(sender.nothing_is_queued());
}

/// Midtrans signs neither: they are told that they were heard, and nothing of them is believed or kept.
#[tokio::test]
async fn subscriptions_and_linked_accounts_are_acknowledged_and_forgotten() {
    let sender = sender().await;
    let charged = payment("settlement", "200");
    for body in [
        json!({"event_name": "subscription.charge", "transaction": charged, "subscription": {"id": "s"}}),
        json!({"id": "s", "name": "MONTHLY", "amount": "5539", "token": "x", "schedule": {"interval": 1}}),
        json!({"account_id": "a", "account_status": "ENABLED", "status_code": "200", "payment_type": "gopay",
            "signature_key": "whatever"}),
    ] {
        assert_eq!(send(&sender, &body).await, 200, "{body}");
    }
    assert!(sender.nothing_is_queued());
    assert!(sender.unmatched().await.is_empty());
    assert_eq!(sender.stage.count("ProviderHealthTable"), 0, "what anybody can send is no sign of life");
}
