use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::pages::reconciliation::samples;
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION, with};

fn checked() -> Value {
    let charge = |taken: Option<u64>, difference: Option<u64>| json!({"recorded": 70000, "taken": taken, "difference": difference, "not_stated": 7, "unsettled": 700});
    json!({
        "status": true, "month": "2026-11", "time_zone": "Asia/Jakarta",
        "providers": [{"provider_id": PROVIDER, "provider_name": "Midtrans", "days_judged": 20}],
        "fees": [{"provider_id": PROVIDER, "provider_name": "Midtrans", "service": "VIRTUAL_ACCOUNT", "currency": "IDR",
            "fee": charge(Some(75000), Some(5000)), "tax": charge(None, None), "differing": 1,
            "tariff": {"fee": {"type": "FLAT", "value": "4500", "currency": "IDR"},
                "tax": {"percentage": "11", "apply": true, "rounding": null}, "fee_refund": null}}],
        "rows": [{"date": "2026-11-18", "service": "VIRTUAL_ACCOUNT", "exception": samples::exception()}],
        "next_cursor": "n",
    })
}

fn console() -> Console {
    let console = Console::open();
    samples::has_provider(&console);
    console.shows("/reconciliation/fees", checked());
    console
}

#[tokio::test]
async fn what_was_taken_stands_beside_what_was_recorded() {
    let console = console();
    let seen = console.get("/reconciliation/fees?month=2026-11", Role::Finance).await;
    seen.is(200)
        .has("70,000 <abbr>IDR</abbr>")
        .has("75,000 <abbr>IDR</abbr>")
        .has("</span> 5,000 IDR</span>");
    seen.has("4,500 IDR each").has("11 % of the fee").has("1 row differs");
    seen.has("no statement says").has("not known").has("Virtual Account");
    seen.has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\"")).has("5,000.00 <abbr>IDR</abbr>");
    seen.has(&format!(
        "href=\"/v1/console/reconciliation/exceptions?run_id={}&#38;outcome=FEE_OVER\"",
        samples::RUN
    ));
    seen.has(&format!(
        "href=\"/v1/console/reconciliation/fees?month=2026-11&#38;provider_id={PROVIDER}&#38;service=VIRTUAL_ACCOUNT\""
    ));
    seen.has("href=\"/v1/console/reconciliation/fees?month=2026-11&#38;cursor=n\"").has("20");
    let mut made = console.made_lines();
    made.sort();
    assert_eq!(made, ["GET /providers?limit=100", "GET /reconciliation/fees?limit=50&month=2026-11"]);
}

#[tokio::test]
async fn what_is_refused_is_said_beside_the_filters() {
    let console = console();
    console.refuses(Method::GET, "/reconciliation/fees", 400, Some("month"));
    let seen = console.get("/reconciliation/fees?month=november", Role::Finance).await;
    seen.is(200).has("month: expected something else").has("value=\"november\"");
    console.is_silent(Method::GET, "/reconciliation/fees").is_silent(Method::GET, "/providers");
    console.get("/reconciliation/fees", Role::Finance).await.is(200).has("The API has no answer now.");
    console.get("/reconciliation/fees", Role::Engineering).await.is(403);
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let console = console();
    let mut body = checked();
    body["fees"][0]["provider_name"] = json!(HOSTILE);
    body["fees"][0]["tariff"]["fee"]["value"] = json!(HOSTILE);
    body["rows"][0]["exception"] =
        with(samples::exception(), &json!({"detail": HOSTILE, "outcome": HOSTILE}));
    body["rows"][0]["exception"]["ledger"]["amount"] = json!(HOSTILE);
    console.says(Method::GET, "/reconciliation/fees", 200, "application/json", body.to_string());
    console
        .get("/reconciliation/fees", Role::Finance)
        .await
        .is(200)
        .has(HOSTILE_SHOWN)
        .lacks("<script>alert");
}
