//! What callers get wrong is a clear 4xx.

use reqwest::Method;
use serde_json::json;

use crate::stack::{Stack, call_back, send, unique, xendit_qr_paid};

#[tokio::test]
async fn bodies_that_cannot_be_read_or_accepted() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    let long = format!("\"{}\"", "x".repeat(300_000));
    let qris = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR"});
    let with = |name: &str, value: serde_json::Value| {
        let mut body = qris.clone();
        body[name] = value;
        body.to_string()
    };
    let cases = [
        (String::new(), 400, "body"),
        ("{".to_owned(), 400, "body"),
        ("\u{0}".to_owned(), 400, "body"),
        ("[[[[[[[[[[".repeat(100), 400, "body"),
        (long, 413, "body"),
        ("[]".to_owned(), 422, "body"),
        ("7".to_owned(), 422, "body"),
        (with("amount", json!(-1)), 422, "amount"),
        (with("amount", json!("1e400")), 422, "amount"),
        (with("amount", json!(0.001)), 422, "amount"),
        (with("currency", json!("XXX")), 422, "currency"),
        (with("method", json!("CASH")), 422, "method"),
        (with("transaction_reference", json!("a\nb")), 422, "transaction_reference"),
        (with("metadata", json!("text")), 422, "metadata"),
        (with("colour", json!("red")), 422, "colour"),
    ];
    for (body, status, parameter) in cases {
        let answer = send(api.request(Method::POST, "/transactions").body(body.clone())).await;
        let error = answer.expect(status)["error"].clone();
        assert_eq!(
            (&error["parameter"], error["message"].is_string()),
            (&json!(parameter), true),
            "{body:.80}"
        );
    }
}

#[tokio::test]
async fn parameters_that_cannot_be_read_or_accepted() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    let cases = [
        ("/transactions?statsu=PAID", 400, "statsu"),
        ("/transactions?charged_end_date=2026-02-30", 400, "charged_end_date"),
        ("/transactions?limit=0", 400, "limit"),
        ("/transactions?limit=1&limit=2", 400, "limit"),
        ("/transactions?cursor=AAAA", 400, "cursor"),
        ("/transactions?status=LOST", 422, "status"),
        ("/transactions?transaction_status_lookups_id=loo_x", 422, "transaction_status_lookups_id"),
        ("/transactions/record/a%0Ab", 400, "reference"),
        ("/lookups?kind=colour", 422, "kind"),
        ("/webhook-endpoints?x=1", 400, "x"),
    ];
    for (path, status, parameter) in cases {
        assert_eq!(api.get(path).await.expect(status)["error"]["parameter"], parameter, "{path}");
    }
    let missing = api.get("/transactions/status").await.expect(400);
    assert_eq!((&missing["status"], &missing["error"]["parameter"]), (&json!(400), &json!("id")));
}

#[tokio::test]
async fn callbacks_that_cannot_be_read() {
    let stack = Stack::read();
    let xendit = stack.jakarta().provider("xendit");
    let token = &xendit.credentials["callback_token"];
    let mut body = xendit_qr_paid(&unique("BAD"), &unique("qrpy"));
    body["amount"] = json!("ten");
    let answer = call_back(xendit, token, &unique("corr"), &body).await;
    assert_eq!(answer.expect(400)["error"]["parameter"], "amount");
    let unknown = format!("{}/callbacks/prv_00000000000000000000000000", stack.api_url);
    let answer = send(crate::stack::client().post(unknown).body("{}")).await;
    assert_eq!(answer.expect(404)["error"]["code"], "not_found");
}

#[tokio::test]
async fn endpoints_where_we_must_not_connect() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    for url in ["http://shop.example/", "https://10.0.0.1/", "https://user@shop.example/", "nonsense"] {
        let answer = api.post("/webhook-endpoints", &json!({"url": url})).await;
        assert_eq!(answer.expect(422)["error"]["parameter"], "url", "{url}");
    }
}
