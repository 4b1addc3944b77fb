//! What callers get wrong is a clear 4xx.

use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::stack::{Answer, Stack, at, call_back, send, unique, xendit_qr_paid};

/// What is wrong with a refused request: status, parameter and message, word for word.
fn refusal(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    let whole = json!({"status": false, "error": {"code": text("code"), "message": text("message"),
        "request_id": answer.headers["x-request-id"].to_str().unwrap(), "parameter": text("parameter")}});
    assert_eq!(body, whole, "the default shape and no more");
    (answer.status, text("parameter"), text("message"))
}

#[tokio::test]
async fn each_kind_of_bad_query_has_its_answer() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    let page = api.get("/transactions?limit=1&order=asc").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let tampered = format!("{}A", &cursor[..cursor.len() - 1]);
    let dates = "expected a date as YYYY-MM-DD, YYYY-MM-DD HH:mm:ss or RFC 3339";
    let foreign = "expected a cursor that this list gave with the same filters and order";
    let cases = [
        ("charged_end_date=2026-02-30".to_owned(), 400, "charged_end_date", dates),
        ("created_at_start_date=20-11-2026".to_owned(), 400, "created_at_start_date", dates),
        (
            "charged_at_start_date=2026-11-21&charged_end_date=2026-11-20".to_owned(),
            400,
            "charged_at_start_date",
            "expected a start before charged_end_date",
        ),
        (format!("limit=1&order=desc&cursor={cursor}"), 400, "cursor", foreign),
        (format!("limit=1&order=asc&cursor={tampered}"), 400, "cursor", foreign),
        ("limit=ten".to_owned(), 400, "limit", "expected a whole number from 1 to 100"),
        (
            "status=LOST".to_owned(),
            422,
            "status",
            "expected one of PENDING, PROCESSING, PAID, COMPLETED, EXPIRED, FAILED, REVERSED",
        ),
        ("direction=up".to_owned(), 422, "direction", "expected one of send, receive"),
        (
            format!("transaction_reference={}", "x".repeat(129)),
            400,
            "transaction_reference",
            "expected 1 to 128 printable characters",
        ),
    ];
    for (query, status, parameter, message) in cases {
        let answer = api.get(&format!("/transactions?{query}")).await;
        assert_eq!(refusal(&answer), (status, parameter.to_owned(), message.to_owned()), "{query}");
    }
    let unknown = refusal(&api.get("/lookups?colour=red").await);
    assert_eq!(unknown, (400, "colour".to_owned(), "unknown parameter; expected kind".to_owned()));
}

/// A body, its status, and the parameter and message that it is answered with.
type BadBody = (String, u16, &'static str, &'static str);

fn recording_with(name: &str, value: Value) -> String {
    let mut body = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR"});
    body[name] = value;
    body.to_string()
}

fn bad_bodies() -> Vec<BadBody> {
    let with = recording_with;
    let many = json!(vec![json!({}); 101]).to_string();
    let count = "expected an object or an array of 1 to 100";
    vec![
        ("{".to_owned(), 400, "body", "expected JSON: EOF while parsing an object at line 1 column 1"),
        ("\"text\"".to_owned(), 422, "body", count),
        ("[]".to_owned(), 422, "body", count),
        (many, 422, "body", count),
        (format!("\"{}\"", "x".repeat(262_144)), 413, "body", "expected a body of at most 262144 bytes"),
        (with("amount", json!(-1)), 422, "amount", "expected an amount greater than zero"),
        (with("amount", json!(0)), 422, "amount", "expected an amount greater than zero"),
        (with("amount", json!("0.001")), 422, "amount", "expected no more decimals than the currency has"),
        (with("amount", json!("1e15")), 422, "amount", "expected an amount below 1000000000000000"),
        (with("amount", json!({})), 422, "amount", "expected a decimal number such as 500.25"),
        (
            with("currency", json!("XXX")),
            422,
            "currency",
            "expected an ISO 4217 currency code such as IDR or ZAR",
        ),
        (with("direction", json!(7)), 422, "direction", "expected a text"),
        (with("direction", json!("send")), 422, "direction", "expected receive for QRIS"),
        (with("occurrence", json!("1")), 422, "occurrence", "expected a whole number from 1 to 1000000"),
        (
            with("customers_id", json!("x".repeat(33))),
            422,
            "customers_id",
            "expected a text of 1 to 32 characters",
        ),
    ]
}

fn objects_and_times_that_are_not() -> Vec<BadBody> {
    let with = recording_with;
    vec![
        (with("metadata", json!([])), 422, "metadata", "expected an object"),
        (
            with("metadata", json!({"text": "x".repeat(2048)})),
            422,
            "metadata",
            "expected an object of at most 2048 bytes of JSON",
        ),
        (
            with("created_at", json!("2100-01-01")),
            422,
            "created_at",
            "expected a time as YYYY-MM-DD HH:mm:ss or RFC 3339",
        ),
        (
            with("created_at", json!("2100-01-01 00:00:00")),
            422,
            "created_at",
            "expected a time that is not in the future",
        ),
    ]
}

#[tokio::test]
async fn each_kind_of_bad_body_has_its_answer() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    for (body, status, parameter, message) in [bad_bodies(), objects_and_times_that_are_not()].concat() {
        let answer = send(api.request(Method::POST, "/transactions").await.body(body.clone())).await;
        assert_eq!(refusal(&answer), (status, parameter.to_owned(), message.to_owned()), "{body:.80}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_or_accepted() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "merchant").await;
    let long = format!("\"{}\"", "x".repeat(300_000));
    let qris = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR"});
    let with = |name: &str, value: Value| {
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
        let answer = send(api.request(Method::POST, "/transactions").await.body(body.clone())).await;
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
    let answer = send(at(Method::POST, &unknown).body("{}")).await;
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
