use http::Method;
use paywarden_domain::access::Role;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use crate::pages::reconciliation::samples::{self, STATEMENT, page};
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER, with};
use crate::testing::{Console, with_header};

fn console(statement: Value) -> Console {
    let console = Console::open();
    samples::has_provider(&console);
    console
        .shows("/reconciliation/statements", page("statements", std::slice::from_ref(&statement), Some("n")));
    console.shows("/reconciliation/statements/{id}", json!({"status": true, "statement": statement}));
    console
}

fn at(path: &str) -> String {
    format!("/reconciliation/statements/{STATEMENT}{path}")
}

#[tokio::test]
async fn files_are_listed() {
    let console = console(samples::statement());
    let seen =
        console.get(&format!("/reconciliation/statements?provider_id={PROVIDER}"), Role::Finance).await;
    seen.is(200).has("november.csv").has("PARSED_WITH_ERRORS").has("Midtrans").has("+ Give a file");
    seen.has(&format!("href=\"/v1/console{}\"", at(""))).has("cursor=n");
    let mut made = console.made_lines();
    made.sort();
    assert_eq!(
        made,
        [
            "GET /providers?limit=100".to_owned(),
            format!("GET /reconciliation/statements?limit=50&provider_id={PROVIDER}")
        ]
    );
    console.is_silent(Method::GET, "/reconciliation/statements").is_silent(Method::GET, "/providers");
    console.get("/reconciliation/statements", Role::Finance).await.is(200).has("The API has no answer now.");
}

#[tokio::test]
async fn a_file_says_what_became_of_each_line() {
    let console = console(samples::statement());
    let seen = console.get(&at(""), Role::Finance).await;
    seen.is(200).has("File november.csv").has("INV-9,ten").has("a number").has("849,000 <abbr>IDR</abbr>");
    seen.has("the parts are the whole file").has("What the file says of itself").has("</span> no</span>");
    seen.has(&format!(
        "href=\"/v1/console/reconciliation/runs/new?provider_id={PROVIDER}&#38;start_date=2026-11-18&#38;end_date=2026-11-19&#38;statement_ids={STATEMENT}\""
    ));
    assert_eq!(console.made().len(), 2, "a page is two requests");
}

#[tokio::test]
async fn a_file_that_did_not_come_or_was_rejected_starts_no_run() {
    let waiting = json!({"status": "AWAITING_UPLOAD", "report": null, "file_name": null, "sha256": null, "read_at": null});
    let seen = console(with(samples::statement(), &waiting)).get(&at(""), Role::Finance).await;
    seen.has("The file has not come yet.").has("Look again").lacks("Hold it against");
    let rejected = json!({"status": "REJECTED", "reason": HOSTILE, "file_name": HOSTILE, "duplicate_of": "stm_00000000000000000000000009"});
    let seen = console(with(samples::statement(), &rejected)).get(&at(""), Role::Finance).await;
    seen.has(HOSTILE_SHOWN)
        .lacks("<script>alert")
        .lacks("Hold it against")
        .has("stm_00000000000000000000000009");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let mut statement = samples::statement();
    statement["report"]["problems"] =
        json!([{"line": 1, "column": HOSTILE, "expected": HOSTILE, "text": HOSTILE}]);
    statement["report"]["checks"][0]["stated"] = json!(HOSTILE);
    console(statement).get(&at(""), Role::Finance).await.has(HOSTILE_SHOWN).lacks("<script>alert");
}

#[tokio::test]
async fn a_pasted_file_is_the_file() {
    let console = console(samples::statement());
    console
        .get("/reconciliation/statements/new", Role::Finance)
        .await
        .has("name=\"idempotency_key\"")
        .has("Midtrans");
    console.made();
    let form = [
        ("provider_id", PROVIDER),
        ("file_name", "november.csv"),
        ("content", "a,b\r\n1,2\r\n"),
        ("format", ""),
        ("idempotency_key", "key-1"),
    ];
    for (status, done) in [(201, "given"), (200, "known")] {
        let answer = json!({"status": true, "statement": samples::statement()});
        console.answers(Method::POST, "/reconciliation/statements", status, answer);
        let seen = console.post("/reconciliation/statements/new", Role::Finance, &form).await;
        assert_eq!(seen.location(), at(&format!("?done={done}")));
        let made = console.made();
        assert_eq!(made[0].headers["idempotency-key"], "key-1");
        let body = json!({"provider_id": PROVIDER, "file_name": "november.csv", "content": "a,b\n1,2\n"});
        assert_eq!(made[0].json(), body);
    }
    console.get(&at("?done=given"), Role::Finance).await.has("The file is here");
    console.get(&at("?done=known"), Role::Finance).await.has("was here before");
}

#[tokio::test]
async fn a_long_file_gets_an_address() {
    let console = console(samples::statement());
    let waiting = json!({"status": "AWAITING_UPLOAD", "report": null, "file_name": "it's.csv"});
    let upload = json!({"method": "PUT", "url": "https://bucket.example.com/x?sig=1&b=2", "expires_at": "2026-11-20T12:15:00+07:00"});
    let answer = json!({"status": true, "statement": with(samples::statement(), &waiting), "upload": upload});
    console.answers(Method::POST, "/reconciliation/statements", 201, answer);
    let form = [("provider_id", PROVIDER), ("file_name", "it's.csv"), ("content", " \r\n")];
    let seen = console.post("/reconciliation/statements/new", Role::Finance, &form).await;
    seen.is(200).has("curl --fail -T &#39;it&#39;\\&#39;&#39;s.csv&#39; &#39;https://bucket.example.com/x?sig=1&#38;b=2&#39;");
    seen.has("in 15 min").has(&format!("href=\"/v1/console{}\"", at("")));
    assert_eq!(console.made()[0].json(), json!({"provider_id": PROVIDER, "file_name": "it's.csv"}));
}

#[tokio::test]
async fn columns_of_its_own_are_told_member_by_member() {
    let console = console(samples::statement());
    let path = "/reconciliation/statements/new?format=columns";
    console
        .get(path, Role::Finance)
        .await
        .has("name=\"columns.fields.booked_at\"")
        .has("value=\"Asia/Jakarta\"");
    console.made();
    let answer = json!({"status": true, "statement": samples::statement()});
    console.answers(Method::POST, "/reconciliation/statements", 201, answer);
    let mut form = vec![
        ("provider_id", PROVIDER),
        ("content", "a"),
        ("columns.fields.booked_at", "Date"),
        ("columns.fields.amount", "Amount"),
        ("columns.zone", "Asia/Jakarta"),
        ("columns.separator", "tab"),
        ("columns.skip_lines", "2"),
        ("columns.exponent", "currency"),
        ("columns.sign", ""),
        ("columns.values", "{\"direction\": {\"CR\": \"credit\"}}"),
    ];
    console.post(path, Role::Finance, &form).await.is(303);
    assert_eq!(
        console.made()[0].json(),
        json!({"provider_id": PROVIDER, "content": "a", "format": "columns", "columns": {
            "zone": "Asia/Jakarta", "separator": "\t", "skip_lines": 2, "exponent": "currency",
            "values": {"direction": {"CR": "credit"}}, "fields": {"booked_at": "Date", "amount": "Amount"}}})
    );
    console.refuses(Method::POST, "/reconciliation/statements", 400, Some("columns.fields.amount"));
    let seen = console.post(path, Role::Finance, &form).await;
    seen.is(400).has("expected something else</strong>").has("value=\"Amount\"").has("value=\"Date\"");
    console.made();
    form.pop();
    form.push(("columns.values", "CR is credit"));
    console.post(path, Role::Finance, &form).await.is(400).has("expected JSON:").has("CR is credit");
    assert_eq!(console.made_lines(), ["GET /providers?limit=100"], "what is no JSON is not sent");
}

#[tokio::test]
async fn a_refused_file_keeps_what_was_filled_in() {
    let console = console(samples::statement());
    let form = [("provider_id", PROVIDER), ("content", HOSTILE), ("idempotency_key", "key-1")];
    for status in [400, 409, 413, 422] {
        console.refuses(Method::POST, "/reconciliation/statements", status, Some("content"));
        let seen = console.post("/reconciliation/statements/new", Role::Finance, &form).await;
        seen.is(status).has("expected something else</strong>").has(HOSTILE_SHOWN).has("value=\"key-1\"");
    }
}

/// A form in parts, as a browser sends it.
fn with_file(console: &Console, name: &str, text: &str) -> ApiRequest {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"provider_id\"\r\n\r\n{PROVIDER}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n--b--\r\n"
    );
    let request =
        console.request(Method::POST, "/reconciliation/statements/new", Some(Role::Finance)).with_body(body);
    let request = with_header(request, "content-type", "multipart/form-data; boundary=b");
    with_header(request, "sec-fetch-site", "same-origin")
}

#[tokio::test]
async fn a_chosen_file_is_sent_on_as_it_is() {
    let console = console(samples::statement());
    let upload = json!({"method": "PUT", "url": "https://pay.example.com/v1/bucket", "expires_at": "2026-11-20T05:15:00Z"});
    let announced = json!({"status": true, "statement": samples::statement(), "upload": upload});
    console.answers(Method::POST, "/reconciliation/statements", 201, announced);
    console.says(Method::PUT, "/bucket", 200, "text/plain", String::new());
    let seen = console.send(with_file(&console, "nov.csv", "id;amount\r\n1;2\r\n")).await;
    assert_eq!(seen.location(), at("?done=given"));
    let made = console.made();
    assert_eq!(made[0].json(), json!({"provider_id": PROVIDER, "file_name": "nov.csv"}));
    assert_eq!((made[1].method.as_str(), made[1].body.as_str()), ("PUT", "id;amount\r\n1;2\r\n"));
    assert!(!made[1].headers.contains_key("authorization"), "the address takes nobody's token");
    console.says(Method::PUT, "/bucket", 403, "text/plain", String::new());
    console.send(with_file(&console, "nov.csv", "id")).await.is(403);
}

#[tokio::test]
async fn a_file_that_came_mangled_is_not_sent_on() {
    let console = console(samples::statement());
    let seen = console.send(with_file(&console, "latin-1.csv", "caf\u{FFFD}")).await;
    seen.is(422).has("expected UTF-8 text");
    assert_eq!(console.made_lines(), ["GET /providers?limit=100"]);
}

#[tokio::test]
async fn files_are_for_finance() {
    let console = console(samples::statement());
    console.get("/reconciliation/statements", Role::Operations).await.is(403);
    console.get("/reconciliation/statements/new", Role::Merchant).await.is(403);
    console.post("/reconciliation/statements/new", Role::Engineering, &[]).await.is(403);
    assert!(console.made().is_empty());
    console.refuses(Method::GET, "/reconciliation/statements/{id}", 400, Some("id"));
    console.get("/reconciliation/statements/x", Role::Finance).await.is(404);
}
