//! Texts that no record and no key could hold: the callback is taken, what is wrong with it is listed, and nothing of it
//! goes where it could stop others.

use serde_json::{Value, json};

use super::sender::Sender;

fn qr(id: &str, reference: &str) -> Value {
    json!({"event": "qr.payment", "id": id, "amount": 10000, "created": "2026-11-20T07:55:00Z",
        "status": "COMPLETED", "qr_code": {"external_id": reference, "qr_string": "0002"}})
}

#[tokio::test]
async fn what_no_record_could_hold_is_listed_with_the_reason() {
    let long = "x".repeat(2048);
    let mut wordy = qr("qrpy_1", "INV0045");
    wordy["status"] = json!("y".repeat(700));
    let mut drawn = qr("qrpy_1", "INV0045");
    drawn["qr_code"]["qr_string"] = json!("00\u{0}02");
    let cases = [
        (qr(&long, "INV0045"), "id"),
        (qr("qrpy\u{7}1", "INV0045"), "provider_transaction_id"),
        (qr("qrpy_1", "INV\n0045"), "reference"),
        (qr("qrpy_1", &"x".repeat(129)), "reference"),
        (wordy, "status"),
        (drawn, "qrData"),
    ];
    for (body, what) in cases {
        let sender = Sender::xendit().await;
        assert_eq!(sender.reports_that(&body).await, 200, "{what}");
        assert!(sender.nothing_is_queued(), "{what}");
        let [entry] = sender.unmatched().await.try_into().unwrap();
        let problem = entry.detail["problem"].as_str().unwrap();
        assert!(problem.contains(what), "{what}: {problem}");
        assert!(entry.detail["body"].as_str().unwrap().contains("qr.payment"), "{what}");
        assert!(entry.summary.chars().count() < 400, "{what}");
    }
}

#[tokio::test]
async fn a_bad_row_of_a_batch_takes_no_other_along() {
    let row = |id: &str, reference: &str, amount: Value| {
        json!({"id": id, "external_id": reference, "amount": amount, "bank_code": "BCA",
            "bank_account_name": "BUDI", "status": "COMPLETED"})
    };
    let sender = Sender::xendit().await;
    let rows = [
        row("d1", "PAYOUT-1", json!(1000)),
        row(&"x".repeat(2048), "PAYOUT-2", json!(1000)),
        row("d3", "PAYOUT\u{0}3", json!(1000)),
        row("d4", "PAYOUT-4", json!("ten")),
        row("d5", "PAYOUT-5", json!(5000)),
    ];
    let body = json!({"id": "b1", "reference": "BATCH-1", "user_id": "u", "status": "COMPLETED",
        "updated": "2026-11-20T07:55:00Z", "disbursements": rows});
    assert_eq!(sender.reports_that(&body).await, 200);
    let references: Vec<_> =
        sender.queued_reports().into_iter().map(|report| report.reference.unwrap()).collect();
    assert_eq!(references, ["PAYOUT-1", "PAYOUT-5"]);
    let [entry] = sender.unmatched().await.try_into().unwrap();
    let listed = entry.detail["unbooked"].as_array().unwrap();
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(entry.detail["body"].as_str().unwrap().contains("PAYOUT-4"));
}
