use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, HOSTILE, HOSTILE_SHOWN, TRANSACTION};

fn console(transaction: &Value) -> Console {
    let console = Console::open();
    let page = json!({"status": true, "transactions": [transaction], "next_cursor": null});
    console.shows("/transactions", page);
    console.shows("/providers", json!({"status": true, "providers": [], "next_cursor": null}));
    console.shows(
        "/transactions/{id}",
        json!({"status": true, "transaction": transaction, "attempts": [], "held_reports": []}),
    );
    console.shows(
        "/transactions/{id}/logs",
        json!({
            "status": true, "transaction": transaction, "next_cursor": null,
            "logs": [
                entry("received", "recorded by the merchant", Some("req-1")),
                entry("provider_message", "Xendit reports PAID", Some("req-2")),
                entry("status_changed", "PENDING became PAID", Some("req-2")),
                entry("webhook_attempt", HOSTILE, None),
            ],
        }),
    );
    console
}

fn entry(kind: &str, summary: &str, request: Option<&str>) -> Value {
    json!({"id": "log_00000000000000000000000001", "at": "2026-11-20T11:00:00+07:00", "kind": kind, "source": "paywarden",
        "summary": summary, "detail": {"body": HOSTILE}, "request_id": request})
}

fn trace(query: &str) -> String {
    format!("/logs?transaction={TRANSACTION}{query}")
}

/// Two requests, of which a poll makes one.
#[tokio::test]
async fn the_list_has_what_the_specification_names() {
    let members =
        json!({"paid_at": "2026-11-20 11:00:00", "updated_at": "2026-11-20 11:30:00", "destination": "BCA"});
    let console = console(&samples::with(samples::transaction(), &members));
    let seen = console.get("/logs?method=QRIS&status=PAID&provider_id=prv_1", Role::Engineering).await;
    seen.is(200);
    for column in [
        "Transaction and order",
        "Created",
        "Updated",
        "Paid",
        "Method and destination code",
        "Status and provider",
    ] {
        seen.has(&format!(">{column}</th>"));
    }
    seen.has(&format!("href=\"/v1/console/logs?transaction={TRANSACTION}\"")).has("<code>INV-1</code>");
    seen.has("QR Code Payment").has("BCA").has("30 min ago").has("1 row");
    let mut made = console.made_lines();
    made.sort();
    let list = "GET /transactions?limit=50&provider_id=prv_1&method=QRIS&status=PAID";
    assert_eq!(made, ["GET /providers?limit=100", list]);
    let poll = console.request(Method::GET, "/logs", Some(Role::Engineering));
    let seen = console.send(crate::testing::with_header(poll, "x-console-part", "rows")).await;
    seen.is(200).has("id=\"rows\" data-live").lacks("<form");
    assert_eq!(console.made_lines(), ["GET /transactions?limit=50"]);
}

#[tokio::test]
async fn a_list_that_fails_leaves_the_filters() {
    let console = console(&samples::transaction());
    console.is_silent(Method::GET, "/transactions").is_silent(Method::GET, "/providers");
    console
        .get("/logs", Role::Operations)
        .await
        .is(200)
        .has("The API has no answer now.")
        .has("Created from");
    console.refuses(Method::GET, "/transactions", 400, Some("created_at_start_date"));
    let seen = console.get("/logs?created_at_start_date=soon", Role::Operations).await;
    seen.has("created_at_start_date: expected something else").has("value=\"soon\"");
    for role in [Role::Finance, Role::Merchant] {
        console.get("/logs", role).await.is(403);
        console.get(&trace(""), role).await.is(403);
    }
}

/// Two requests, at once.
#[tokio::test]
async fn a_timeline_has_its_kinds_and_the_queries_of_its_requests() {
    let console = console(&samples::with(samples::transaction(), &json!({"transaction_reference": HOSTILE})));
    let seen = console.get(&trace(""), Role::Engineering).await;
    seen.is(200)
        .has("recorded by the merchant")
        .has("PENDING became PAID")
        .has(HOSTILE_SHOWN)
        .lacks("<script>");
    seen.has("All <span class=\"count\">4</span>").has("provider message <span class=\"count\">1</span>");
    seen.has(&format!("href=\"/v1/console{}\"", trace("&#38;kind=status_changed")));
    seen.has("Request req-1")
        .has("filter correlation_id = &#34;req-2&#34; or function_request_id = &#34;req-2&#34;");
    seen.has("fields @timestamp, level, service, message").has("<summary>Details</summary>");
    assert_eq!(seen.text.matches("Copy: Request req-2").count(), 1);
    assert_eq!(console.made().len(), 2);
}

#[tokio::test]
async fn one_kind_is_shown_alone_and_all_are_still_counted() {
    let console = console(&samples::transaction());
    let seen = console.get(&trace("&kind=received"), Role::Engineering).await;
    seen.has("recorded by the merchant").lacks("PENDING became PAID").lacks("Request req-2");
    seen.has("aria-current=\"page\">received").has("All <span class=\"count\">4</span>");
}

/// An id of a request cannot end the text that it stands in.
#[tokio::test]
async fn a_query_holds_whatever_id() {
    let console = console(&samples::transaction());
    let logs = [entry("received", "x", Some("a\" or 1 = 1 | \""))];
    let page =
        json!({"status": true, "transaction": samples::transaction(), "logs": logs, "next_cursor": null});
    console.shows("/transactions/{id}/logs", page);
    let seen = console.get(&trace(""), Role::Engineering).await;
    seen.has("correlation_id = &#34;a\\&#34; or 1 = 1 | \\&#34;&#34; or");
}

#[tokio::test]
async fn an_order_leads_to_its_record() {
    let console = console(&samples::transaction());
    let found = json!({"status": true, "transaction": samples::transaction()});
    console.shows("/transactions/record/{reference}", found);
    let seen = console.get("/logs?transaction=INV%2F1", Role::Engineering).await;
    assert_eq!(seen.location(), trace(""));
    assert_eq!(console.made_lines(), ["GET /transactions/record/INV%2F1"]);
    console.refuses(Method::GET, "/transactions/record/{reference}", 404, None);
    console.get("/logs?transaction=INV-2", Role::Engineering).await.is(404);
    console.refuses(Method::GET, "/transactions/{id}", 400, Some("id"));
    console.get("/logs?transaction=tra_1", Role::Engineering).await.is(404);
}

#[tokio::test]
async fn a_timeline_that_fails_leaves_the_record() {
    let console = console(&samples::transaction());
    console.is_silent(Method::GET, "/transactions/{id}/logs");
    let seen = console.get(&trace(""), Role::Engineering).await;
    seen.is(200).has("INV-1").has("The API has no answer now.").lacks("Queries of the logs");
}
