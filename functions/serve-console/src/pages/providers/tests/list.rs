use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::{provider, provider_with};
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER};

fn console(providers: &[Value]) -> Console {
    let console = Console::open();
    console.shows("/providers", json!({"status": true, "providers": providers, "next_cursor": null}));
    console
}

#[tokio::test]
async fn the_list_shows_what_the_specification_names() {
    let out = json!({"id": "prv_00000000000000000000000002", "name": "BCA", "connection": "DIRECT", "status": "MAINTENANCE",
        "status_reason": "40 % of payments failed", "status_pinned": true, "fee": null,
        "stuck_payments": {"count": 12, "at_least": true, "counted_at": "2026-11-20T11:59:00+07:00"}});
    let console = console(&[provider(), provider_with(&out)]);
    let seen = console.get("/providers", Role::Operations).await;
    seen.is(200);
    for column in ["Provider Name", "Provider", "Services", "Status", "Last Activity"] {
        seen.has(&format!(">{column}</th>"));
    }
    seen.has(&format!("<a href=\"/v1/console/providers/{PROVIDER}\">Brick</a>"));
    seen.has("AGGREGATOR").has("DIRECT").has("QR Code Payment, eWallet").has("1 h ago");
    seen.has("0.7 %, VAT 11 %; some services differ").has("not known");
    seen.has("40 % of payments failed").has("pinned").has("12 or more stuck payments");
    assert_eq!(console.made_lines(), ["GET /providers?limit=50"]);
}

#[tokio::test]
async fn filters_are_the_apis_and_stay() {
    let console = console(&[]);
    let seen = console.get("/providers?search=xen&service=EWALLET&status=ACTIVE", Role::Finance).await;
    seen.has("value=\"xen\"").has("<option value=\"EWALLET\" selected>eWallet</option>");
    seen.has("No provider passes these filters.").has("Clear filters");
    assert_eq!(console.made_lines(), ["GET /providers?limit=50&search=xen&service=EWALLET&status=ACTIVE"]);
    console.get("/providers", Role::Finance).await.has("No providers yet.");
}

#[tokio::test]
async fn the_menu_of_a_row_has_what_somebody_may_do() {
    let console = console(&[provider()]);
    let seen = console.get("/providers", Role::Operations).await;
    for rest in ["/edit", "/fees", "/status?to=MAINTENANCE", "/status?to=INACTIVE"] {
        seen.has(&format!("href=\"/v1/console/providers/{PROVIDER}{rest}\""));
    }
    seen.has("+ Add Provider").lacks("to=ACTIVE");
    let seen = console.get("/providers", Role::Engineering).await;
    seen.is(200).lacks("/edit\"").lacks("+ Add Provider").has("Unmatched callbacks");
    console.get("/providers", Role::Merchant).await.is(403);
}

#[tokio::test]
async fn names_are_text_and_a_failure_leaves_the_filters() {
    let hostile = provider_with(&json!({"name": HOSTILE, "status_reason": HOSTILE, "status": "INACTIVE"}));
    let console = console(&[hostile]);
    console.get("/providers", Role::Admin).await.has(HOSTILE_SHOWN).lacks("<script>");
    console.is_silent(Method::GET, "/providers");
    console.get("/providers", Role::Admin).await.is(200).has("The API has no answer now.").has("Filter");
    console.refuses(Method::GET, "/providers", 400, Some("status"));
    console.get("/providers?status=X", Role::Admin).await.has("status: expected something else");
}
