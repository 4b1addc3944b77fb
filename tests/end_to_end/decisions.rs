//! Reports that do not fit: those that wait for what they are about, and those that a person decides about.

use serde_json::{Value, json};

use crate::stack::{Api, Provider, Stack, call_back, eventually, unique, xendit_qr_paid};

/// What Xendit sends when it has given money back; it names the payment and not the order.
fn refunded(payment: &str) -> Value {
    json!({"event": "refund.succeeded", "created": "2026-11-20T09:00:00Z", "data": {"id": unique("rfd"),
        "payment_id": payment, "amount": 2500, "currency": "IDR", "status": "SUCCEEDED",
        "updated": "2026-11-20T09:00:00Z"}})
}

async fn xendit_sends(xendit: &Provider, body: &Value) -> String {
    let correlation_id = unique("corr");
    call_back(xendit, &xendit.credentials["callback_token"], &correlation_id, body).await.expect(200);
    correlation_id
}

/// What the list of the day says of a callback.
async fn listed(api: &Api, xendit: &Provider, correlation_id: &str) -> Value {
    let path = format!("/providers/{}/unmatched-callbacks", xendit.id);
    eventually("the list of the day", async || {
        let logs = api.all(&path, "logs").await;
        logs.into_iter().find(|log| log["request_id"] == json!(correlation_id))
    })
    .await
}

#[tokio::test]
async fn a_refund_that_comes_before_its_payment_waits_for_it() {
    let stack = Stack::read();
    let (merchant, reference, payment) = (stack.jakarta(), unique("WAITED"), unique("qrpy"));
    let (api, xendit) = (stack.sign_in(merchant, "admin").await, merchant.provider("xendit"));
    let sent = xendit_sends(xendit, &refunded(&payment)).await;
    assert_eq!(listed(&api, xendit, &sent).await["detail"]["applied_to"], Value::Null);
    xendit_sends(xendit, &xendit_qr_paid(&reference, &payment)).await;
    let paid = api.record_when(&reference, |record| record["status"] == "PAID").await;
    let applied = eventually("the refund is applied", async || {
        let entry = listed(&api, xendit, &sent).await;
        entry["detail"]["applied_to"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(json!(applied), paid["id"]);
    eventually("the refund is booked", async || {
        let rows = api.all("/reconciliation?start_date=2026-11-20&end_date=2026-11-20", "rows").await;
        rows.into_iter()
            .find(|row| row["order_id"] == json!(reference) && row["transaction_type"] == "Refund")
    })
    .await;
}

#[tokio::test]
async fn another_amount_than_was_ordered_is_accepted_by_finance() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("LESS"));
    let (api, xendit) = (stack.sign_in(merchant, "finance").await, merchant.provider("xendit"));
    stack.sign_in(merchant, "merchant").await.record_qris(&reference).await;
    let less = {
        let mut body = xendit_qr_paid(&reference, &unique("qrpy"));
        body["amount"] = json!(9000);
        body
    };
    xendit_sends(xendit, &less).await;
    let held = api.record_when(&reference, |record| record["held"] == true).await;
    let path = format!("/transactions/{}/held-reports", held["id"].as_str().unwrap());
    let waiting = api.get(&path).await.expect(200)["held_reports"][0].clone();
    assert_eq!((&waiting["amount"], &waiting["decision"]), (&json!("9000"), &Value::Null));
    let decision = json!({"held_id": waiting["held_id"], "ruling": "accepted", "reason": "a discount"});
    let decided = api.post(&path, &decision).await.expect(200);
    let record = &decided["transaction"];
    assert_eq!(
        (&record["status"], &record["amount"], &record["held"]),
        (&json!("PAID"), &json!(9000), &json!(false))
    );
    let stranger = stack.sign_in(stack.merchant("Africa/Johannesburg"), "admin").await;
    stranger.post(&path, &decision).await.expect(404);
    eventually("the amount is booked", async || {
        let rows = api.all("/reconciliation?start_date=2026-11-20&end_date=2026-11-20", "rows").await;
        rows.into_iter().find(|row| {
            row["order_id"] == json!(reference)
                && row["transaction_type"] == "Transfer"
                && row["amount"] == json!(9000)
        })
    })
    .await;
}

#[tokio::test]
async fn what_fits_nothing_is_bound_to_a_transaction_by_hand() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("BOUND"));
    let (api, xendit) = (stack.sign_in(merchant, "admin").await, merchant.provider("xendit"));
    xendit_sends(xendit, &xendit_qr_paid(&reference, &unique("qrpy"))).await;
    let paid = api.record_when(&reference, |record| record["status"] == "PAID").await;
    let sent = xendit_sends(xendit, &refunded(&unique("nobodys"))).await;
    let entry = listed(&api, xendit, &sent).await;
    let of_all = api.all("/unmatched-callbacks?decided=false", "unmatched_callbacks").await;
    let same = of_all.iter().find(|one| one["log"]["id"] == entry["id"]).unwrap();
    assert_eq!(same["provider_id"], json!(xendit.id));
    let path = format!("/providers/{}/unmatched-callbacks/{}", xendit.id, entry["id"].as_str().unwrap());
    let looked = api.post(&path, &json!({})).await.expect(200);
    assert_eq!(looked["unmatched_callback"]["applied"], false);
    let bind = json!({"transaction_id": paid["id"], "reason": "the provider said so", "apply": true});
    api.post(&path, &bind).await.expect(200);
    let logs = format!("/transactions/{}/logs", paid["id"].as_str().unwrap());
    eventually("it is on the transaction", async || {
        let logs = api.all(&logs, "logs").await;
        let has =
            |kind: &str| logs.iter().any(|log| log["kind"] == kind && log.to_string().contains("refund"));
        (has("provider_message") && logs.iter().any(|log| log["kind"] == "report_decided")).then_some(())
    })
    .await;
    assert_eq!(listed(&api, xendit, &sent).await["detail"]["decision"]["bound_to"], paid["id"]);
}
