//! The read side beyond one record: exports, stuck payments, expiry, callbacks that fit nothing.

use paywarden_api_client::Method;
use serde_json::json;

use crate::stack::{Stack, call_back, eventually, send, unique, xendit_qr_paid};

#[tokio::test]
async fn the_list_as_csv_with_the_cursor_in_a_header() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "finance").await;
    let get = async |query: &str| {
        let request = api.request(Method::GET, &format!("/transactions?{query}")).await;
        send(request.header("accept", "text/csv")).await
    };
    let first = get("limit=2&order=asc&created_at_end_date=2100-01-01").await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert!(first.text.starts_with("id,created_at,updated_at,charged_at,"), "{}", first.text);
    let cursor = first.headers["x-next-cursor"].to_str().unwrap();
    let second = get(&format!("limit=2&order=asc&created_at_end_date=2100-01-01&cursor={cursor}")).await;
    let id = |text: &str| text.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert_ne!(id(&first.text), id(&second.text));
}

#[tokio::test]
async fn old_open_payments_are_stuck_and_found_by_the_beginning_of_their_reference() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "operations").await;
    let merchant = stack.sign_in(stack.jakarta(), "merchant").await;
    let (old, new) = (unique("STUCK-OLD"), unique("STUCK-NEW"));
    merchant.record_qris(&new).await;
    let body = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
        "transaction_reference": old, "created_at": "2026-01-01 00:00:00"});
    merchant.post("/transactions", &body).await.expect(201);
    eventually("the list", async || {
        let rows = api.get("/transactions?stuck=true&limit=100").await.expect(200)["transactions"].clone();
        let has =
            |wanted: &str| rows.as_array().unwrap().iter().any(|row| row["transaction_reference"] == wanted);
        assert!(!has(&new));
        has(&old).then_some(())
    })
    .await;
    let rows = api.get(&format!("/transactions?reference={}", &old[..old.len() - 2])).await.expect(200);
    assert_eq!(rows["transactions"][0]["transaction_reference"], json!(old));
}

#[tokio::test]
async fn a_payment_whose_time_ran_out_expires_and_a_late_one_still_counts() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("EXPIRES"));
    let api = stack.sign_in(merchant, "merchant").await;
    let body = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
        "transaction_reference": reference, "expired_at": "2026-01-01 00:00:00"});
    api.post("/transactions", &body).await.expect(201);
    let expired = api.record_when(&reference, |record| record["status"] == "EXPIRED").await;
    assert_eq!(expired["expired_at"], "2026-01-01 00:00:00");
    let xendit = merchant.provider("xendit");
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    call_back(xendit, &xendit.credentials["callback_token"], &unique("corr"), &body).await;
    api.record_when(&reference, |record| record["status"] == "PAID").await;
}

#[tokio::test]
async fn callbacks_that_fit_no_transaction_are_listed_by_provider_and_day() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let (engineer, xendit) = (stack.sign_in(merchant, "engineering").await, merchant.provider("xendit"));
    let mut body = xendit_qr_paid(&unique("UNREADABLE"), &unique("qrpy"));
    body["amount"] = json!("ten");
    let correlation_id = unique("corr");
    call_back(xendit, &xendit.credentials["callback_token"], &correlation_id, &body).await.expect(400);
    let path = format!("/providers/{}/unmatched-callbacks?limit=100", xendit.id);
    let log = eventually("the provider's day", async || {
        let logs = engineer.get(&path).await.expect(200)["logs"].as_array().unwrap().clone();
        logs.into_iter().find(|log| log["request_id"] == json!(correlation_id))
    })
    .await;
    assert!(log["summary"].as_str().unwrap().contains("amount"), "{log}");
    let stranger = stack.sign_in(stack.merchant("Africa/Johannesburg"), "engineering").await;
    assert_eq!(stranger.get(&path).await.expect(404)["error"]["code"], "not_found");
}

#[tokio::test]
async fn an_event_that_is_not_booked_is_taken_and_listed_by_its_name() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let (engineer, xendit) = (stack.sign_in(merchant, "engineering").await, merchant.provider("xendit"));
    let body = json!({"event": "payment_token.activation", "data": {"payment_token_id": unique("pt")}});
    let correlation_id = unique("corr");
    call_back(xendit, &xendit.credentials["callback_token"], &correlation_id, &body).await.expect(200);
    let path = format!("/providers/{}/unmatched-callbacks?limit=100", xendit.id);
    let log = eventually("the provider's day", async || {
        let logs = engineer.get(&path).await.expect(200)["logs"].as_array().unwrap().clone();
        logs.into_iter().find(|log| log["request_id"] == json!(correlation_id))
    })
    .await;
    assert_eq!(log["detail"]["event"], "payment_token.activation", "{log}");
}

#[tokio::test]
async fn the_tabs_and_the_narrow_filters_find_what_was_recorded() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let api = stack.sign_in(merchant, "merchant").await;
    let (sent, received, customer) = (unique("TAB-SENT"), unique("TAB-RECEIVED"), unique("cus"));
    let payment = |direction: &str, method: &str, reference: &str, amount: f64| {
        json!({"direction": direction, "method": method, "amount": amount, "currency": "IDR",
            "transaction_reference": reference, "customers_id": customer, "destination": reference})
    };
    let bodies =
        json!([payment("send", "BANK_TRANSFER", &sent, 12.5), payment("receive", "QRIS", &received, 99.0)]);
    api.post("/transactions", &bodies).await.expect(207);
    let found = async |query: String| {
        let page = api.get(&format!("/transactions?customers_id={customer}&{query}")).await.expect(200);
        let rows = page["transactions"].as_array().unwrap().iter();
        rows.map(|row| row["transaction_reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    eventually("both in the list", async || (found(String::new()).await.len() == 2).then_some(())).await;
    assert_eq!(found("direction=send".to_owned()).await, [sent.as_str()]);
    assert_eq!(found("direction=receive".to_owned()).await, [received.as_str()]);
    assert_eq!(found("amount_max=12.5".to_owned()).await, [sent.as_str()]);
    assert_eq!(found("amount_min=12.51".to_owned()).await, [received.as_str()]);
    assert_eq!(found(format!("destination={received}")).await, [received.as_str()]);
    assert!(found("held=true".to_owned()).await.is_empty());
    let page = api.get("/transactions?amount_min=2&amount_max=1").await.expect(400);
    assert_eq!(page["error"]["parameter"], "amount_min");
}

#[tokio::test]
async fn a_transactions_own_page_shows_its_tries_and_a_providers_id_finds_it() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let (reference, payment) = (unique("DETAILS"), unique("qrpy"));
    let api = stack.sign_in(merchant, "merchant").await;
    api.record_qris(&reference).await;
    let xendit = merchant.provider("xendit");
    let body = xendit_qr_paid(&reference, &payment);
    call_back(xendit, &xendit.credentials["callback_token"], &unique("corr"), &body).await;
    let record = api.record_when(&reference, |record| record["status"] == "PAID").await;
    let id = record["id"].as_str().unwrap();
    let details = api.get(&format!("/transactions/{id}")).await.expect(200);
    assert_eq!((&details["transaction"], &details["held_reports"]), (&record, &json!([])));
    let attempt = &details["attempts"][0];
    assert_eq!((&attempt["provider_transaction_id"], &attempt["stands"]), (&json!(payment), &json!(true)));
    let of_status_api = format!("/transactions/{}", id.replace("tra_", "QR_"));
    assert_eq!(api.get(&of_status_api).await.expect(200)["transaction"], record);
    for more in [String::new(), format!("&provider_id={}", xendit.id)] {
        let page =
            api.get(&format!("/transactions?provider_transaction_id={payment}{more}")).await.expect(200);
        assert_eq!(page["transactions"], json!([record]), "{more}");
    }
    let stranger = stack.sign_in(stack.merchant("Africa/Johannesburg"), "merchant").await;
    let foreign = stranger.get(&format!("/transactions/{id}")).await.expect(404);
    let absent = stranger.get("/transactions/tra_00000000000000000000000000").await.expect(404);
    assert_eq!(foreign["error"]["message"], absent["error"]["message"]);
}

#[tokio::test]
async fn payments_are_counted_by_where_they_stand() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let api = stack.sign_in(merchant, "merchant").await;
    // A day that nobody else's payments are of.
    let day = "2025-02-03";
    let path = format!("/transactions/counts?created_at_start_date={day}&created_at_end_date={day}");
    let of = async |more: &str| {
        let body = api.get(&format!("{path}{more}")).await.expect(200);
        let counts = body["counts"].as_array().unwrap().iter();
        let count = |status: &str| {
            counts.clone().find(|entry| entry["status"] == status).unwrap()["count"].as_i64().unwrap()
        };
        (count("PENDING"), count("PROCESSING"), body["total"].as_i64().unwrap())
    };
    let (pending, processing, total) = of("").await;
    let payment = |direction: &str, method: &str| {
        json!({"direction": direction, "method": method, "amount": 10000, "currency": "IDR",
            "transaction_reference": unique("COUNTED"), "created_at": format!("{day} 12:00:00")})
    };
    let bodies =
        json!([payment("receive", "QRIS"), payment("receive", "EWALLET"), payment("send", "BANK_TRANSFER")]);
    api.post("/transactions", &bodies).await.expect(207);
    eventually("the counts", async || {
        (of("").await == (pending + 2, processing + 1, total + 3)).then_some(())
    })
    .await;
    assert_eq!(of("&direction=send").await.0, 0);
    assert_eq!(of("&method=BANK_TRANSFER").await.2, of("&direction=send").await.2);
    let stranger = stack.sign_in(stack.merchant("Africa/Johannesburg"), "merchant").await;
    assert_eq!(stranger.get(&path).await.expect(200)["total"], 0);
}
