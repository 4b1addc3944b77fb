//! A payment from its recording over its callback to every answer.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::stack::{Api, Stack, call_back, eventually, unique, xendit_qr_paid};

#[tokio::test]
async fn a_callback_becomes_a_record_a_list_a_status_and_a_timeline() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let (api, engineer) =
        (stack.sign_in(merchant, "merchant").await, stack.sign_in(merchant, "engineering").await);
    let xendit = merchant.provider("xendit");
    let (reference, correlation_id) = (unique("PAID"), unique("corr"));

    let recorded = api.record_qris(&reference).await;
    assert_eq!((&recorded["status"], &recorded["charged_at"]), (&json!("PENDING"), &Value::Null));
    // What was answered 201 can be read at once.
    let read = api.get(&format!("/transactions/record/{reference}")).await.expect(200);
    assert_eq!(read["transaction"]["id"], recorded["id"]);

    let token = &xendit.credentials["callback_token"];
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    assert_eq!(call_back(xendit, token, &correlation_id, &body).await.status, 200);
    let paid = api.record_when(&reference, |record| record["status"] == "PAID").await;
    assert_eq!(paid["charged_at"], "2026-11-20 14:55:00");
    assert_eq!((&paid["paid_at"], &paid["amount"]), (&paid["charged_at"], &json!(10000)));
    assert_eq!((&paid["provider_id"], &paid["version"]), (&json!(xendit.id), &json!(2)));

    let listed = eventually("the list", async || {
        let query = "/transactions?status=PAID&payment_methods_id=&limit=100&direction=receive";
        let rows = api.get(query).await.expect(200)["transactions"].clone();
        rows.as_array().unwrap().iter().find(|row| row["id"] == paid["id"]).cloned()
    })
    .await;
    assert_eq!(listed, paid, "one shape everywhere");

    let status_id = paid["id"].as_str().unwrap().replace("tra_", "QR_");
    let status = api.get(&format!("/transactions/status?id={status_id}")).await.expect(200);
    let expected = json!({"status": 200, "data": {
        "id": status_id, "externalId": reference, "amount": 10000, "status": "PAID",
        "attributes": {"qrData": "0002", "nmid": "ID1"},
        "createdAt": status["data"]["createdAt"], "paidAt": "2026-11-20T14:55:00+07:00", "expiredAt": null,
        "metadata": {}}});
    assert_eq!(status, expected);

    timeline_tells_of(&engineer, &paid, &correlation_id, token).await;
}

/// The timeline tells of all that happened, under the correlation id of the callback, and no secret.
async fn timeline_tells_of(engineer: &Api, paid: &Value, correlation_id: &str, token: &str) {
    let path = format!("/transactions/{}/logs", paid["id"].as_str().unwrap());
    let logs = eventually("the timeline", async || {
        let logs = engineer.get(&path).await.expect(200)["logs"].as_array().unwrap().clone();
        let kinds = ["received", "provider_message", "status_changed", "webhook_attempt"];
        kinds.iter().all(|kind| logs.iter().any(|log| log["kind"] == *kind)).then_some(logs)
    })
    .await;
    for kind in ["provider_message", "status_changed"] {
        let log = logs.iter().find(|log| log["kind"] == kind).unwrap();
        assert_eq!(log["request_id"], json!(correlation_id), "the correlation id follows the payment");
    }
    assert!(logs.iter().all(|log| !log.to_string().contains(token)), "no secret on the timeline");
}

#[tokio::test]
async fn the_same_callback_again_changes_nothing() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("TWICE"));
    let (api, xendit) = (stack.sign_in(merchant, "merchant").await, merchant.provider("xendit"));
    api.record_qris(&reference).await;
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    for _ in 0..5 {
        let token = &xendit.credentials["callback_token"];
        assert_eq!(call_back(xendit, token, &unique("corr"), &body).await.status, 200);
    }
    let paid = api.record_when(&reference, |record| record["status"] == "PAID").await;
    let engineer = stack.sign_in(merchant, "engineering").await;
    let path = format!("/transactions/{}/logs", paid["id"].as_str().unwrap());
    eventually("five messages on the timeline", async || {
        let logs = engineer.get(&path).await.expect(200)["logs"].as_array().unwrap().clone();
        (logs.iter().filter(|log| log["kind"] == "provider_message").count() == 5).then_some(())
    })
    .await;
    assert_eq!(api.record_when(&reference, |_| true).await, paid);
}

#[tokio::test]
async fn a_callback_before_the_post_is_filled_in_by_it() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("EARLY"));
    let (api, xendit) = (stack.sign_in(merchant, "merchant").await, merchant.provider("xendit"));
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    call_back(xendit, &xendit.credentials["callback_token"], &unique("corr"), &body).await;
    api.record_when(&reference, |record| record["status"] == "PAID").await;
    let post = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
        "transaction_reference": reference, "customers_id": "cus_1"});
    let filled = api.post("/transactions", &post).await.expect(200);
    assert_eq!(filled["transaction"]["customers_id"], "cus_1");
    assert_eq!(filled["transaction"]["status"], "PAID");
    let other = json!({"direction": "receive", "method": "QRIS", "amount": 10001, "currency": "IDR",
        "transaction_reference": reference});
    assert_eq!(api.post("/transactions", &other).await.expect(409)["error"]["code"], "reference_conflict");
}

#[tokio::test]
async fn every_method_is_recorded_and_answers_with_its_own_attributes() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "merchant").await;
    let methods = [
        ("QRIS", "receive", "QR_", json!({"qrData": "0002", "nmid": "ID1"})),
        ("EWALLET", "receive", "EW_", json!({"code": "DANA", "deeplink": "https://dana.example/1"})),
        ("VIRTUAL_ACCOUNT", "receive", "VA_", json!({"code": "BCA", "va_number": "88", "va_name": "Budi"})),
        ("CREDIT_CARD", "receive", "CC_", json!({"brand": "VISA", "last4": "4242"})),
        ("DEBICHECK", "receive", "DO_", json!({"bank_code": "632005", "account_last4": "6789"})),
        ("EFT_DEBIT", "receive", "DO_", json!({"bank_code": "632005", "account_last4": "6789"})),
        (
            "BANK_TRANSFER",
            "send",
            "SM_",
            json!({"bankAccountNo": "1", "bankShortCode": "FNB", "bankAccountHolderName": "B", "bankName": "FNB"}),
        ),
    ];
    let bodies: Vec<Value> = methods
        .iter()
        .map(|(method, direction, _, attributes)| {
            json!({"direction": direction, "method": method, "amount": "500.25", "currency": "ZAR",
                "transaction_reference": unique(method), "attributes": attributes})
        })
        .collect();
    let answer = api.post("/transactions", &json!(bodies)).await.expect(207);
    for (result, (method, _, prefix, attributes)) in
        answer["results"].as_array().unwrap().iter().zip(&methods)
    {
        assert_eq!(result["status_code"], 201, "{method}: {result}");
        let id = result["transaction"]["id"].as_str().unwrap().replace("tra_", prefix);
        let answer = api.get(&format!("/transactions/status?id={id}")).await;
        assert!(answer.text.contains(r#""amount":500.25,"#), "{}", answer.text);
        let data = answer.expect(200)["data"].clone();
        assert_eq!((&data["attributes"], &data["id"]), (attributes, &json!(id)));
        assert_eq!(data.get("expiredAt").is_none(), *method == "BANK_TRANSFER", "{method}");
    }
}

#[tokio::test]
async fn references_of_any_printable_characters_are_found_in_path_and_query() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    for word in ["INV/2024 01+%", "100%25", "订单?&=#", "a\"b'c\\d"] {
        let reference = unique(word);
        let recorded = api.record_qris(&reference).await;
        let encoded = utf8_percent_encode(&reference, NON_ALPHANUMERIC);
        let by_path = api.get(&format!("/transactions/record/{encoded}")).await.expect(200);
        assert_eq!(by_path["transaction"]["id"], recorded["id"], "{reference}");
        let by_query = api.get(&format!("/transactions?transaction_reference={encoded}")).await.expect(200);
        assert_eq!(by_query["transactions"][0]["id"], recorded["id"], "{reference}");
    }
}

#[tokio::test]
async fn pages_of_the_sample_data_follow_each_other() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "finance").await;
    let base = "/transactions?limit=2&created_at_end_date=2100-01-01&method=DEBICHECK,EFT_DEBIT";
    let (mut seen, mut path) = (Vec::new(), base.to_owned());
    loop {
        let page = api.get(&path).await.expect(200);
        seen.extend(page["transactions"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{base}&cursor={cursor}"),
            None => break,
        }
    }
    let found = seen.len();
    seen.sort_by_key(ToString::to_string);
    seen.dedup();
    assert!(found >= 4 && seen.len() == found, "{found} rows, {} of them different", seen.len());
}

#[tokio::test]
async fn sample_debit_orders_carry_their_submissions_in_both_forms() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.merchant("Africa/Johannesburg"), "merchant").await;
    for (method, member) in [("DEBICHECK", "bank_code"), ("EFT_DEBIT", "code")] {
        eventually(method, async || {
            let rows = api.get(&format!("/transactions?method={method}")).await.expect(200);
            let rows = rows["transactions"].as_array().unwrap().clone();
            rows.iter().any(|row| row["submission_data"][0].get(member).is_some()).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    for path in ["/lookups", "/transactions?limit=0", "/transactions/record/NOTHING"] {
        let answer = api.get(path).await;
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
    let document = stack.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
}
