use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, CLIENT, HOSTILE, HOSTILE_SHOWN, PROVIDER};

fn entry() -> Value {
    json!({
        "id": "aud_00000000000000000000000001", "at": "2026-11-20T10:30:00.123+07:00", "by": CLIENT, "identity": null,
        "address": "203.0.113.9", "request_id": "req-1", "action": "update-provider",
        "target": format!("PATCH /providers/{PROVIDER}"), "subject": PROVIDER, "outcome": "done", "status": 200,
        "error_code": null, "before": {"name": "Xendit", "priority": 1}, "after": {"name": "Xendit 2", "priority": 1},
    })
}

/// A console before an API that knows one client by name.
fn console() -> Console {
    let console = Console::open();
    let client = json!({
        "id": CLIENT, "name": "The shop", "role": "merchant", "scopes": ["transactions:read"], "allowed_addresses": [],
        "created_at": "2026-11-20 10:30:00", "last_used_at": null, "previous_secret_valid_until": null, "revoked_at": null,
    });
    console.shows("/clients", json!({"status": true, "clients": [client], "next_cursor": null}));
    console
}

fn listed(entries: &[Value], next: Option<&str>) -> Value {
    json!({"status": true, "audit_entries": entries, "next_cursor": next})
}

#[tokio::test]
async fn entries_are_listed_with_what_they_changed() {
    let console = console();
    let refused =
        json!({"outcome": "refused", "status": 412, "error_code": "outdated", "before": null, "after": null});
    let operator =
        json!({"by": "operator", "identity": "arn:aws:iam::1:user/a", "address": null, "before": null});
    let entries = [entry(), samples::with(entry(), &refused), samples::with(entry(), &operator)];
    console.shows("/audit", listed(&entries, Some("more")));
    let seen = console.get("/developers/audit", Role::Admin).await;
    seen.is(200).has("update-provider").has("PATCH /providers/").has("203.0.113.9").has("412 outdated");
    seen.has("<code>name</code> <del>Xendit</del> <span aria-hidden=\"true\">→</span> <ins>Xendit 2</ins>");
    seen.lacks("<code>priority</code>").has("arn:aws:iam::1:user/a").has("<code>operator</code>");
    seen.has(&format!("href=\"/v1/console/developers/clients/{CLIENT}\""));
    seen.has(&format!("href=\"/v1/console/providers/{PROVIDER}\"")).has("cursor=more");
    seen.has("The shop").has("good\"><span aria-hidden=\"true\">✓</span> done");
    assert_eq!(console.made_lines(), ["GET /audit?limit=50", "GET /clients?limit=100"]);
}

#[tokio::test]
async fn filters_are_the_apis() {
    let console = console();
    console.shows("/audit", listed(&[], None));
    let query = "by=operator&action=update-provider&subject=prv_1&outcome=refused&start_date=2026-11-01&end_date=2026-11-20";
    let seen = console.get(&format!("/developers/audit?{query}&cursor=abc"), Role::Admin).await;
    seen.has("No entry passes these filters.").has("name=\"by\" value=\"operator\"").has("Clear filters");
    seen.has("value=\"refused\" selected");
    assert!(console.made_lines().contains(&format!("GET /audit?limit=50&{query}&cursor=abc")));
    console.get("/developers/audit", Role::Admin).await.has("Nothing was changed yet.");
}

#[tokio::test]
async fn a_list_without_an_answer_says_so() {
    let console = console();
    console.refuses(Method::GET, "/audit", 400, Some("start_date"));
    let seen = console.get("/developers/audit?start_date=soon", Role::Admin).await;
    seen.is(200).has("start_date: expected something else").has("value=\"soon\"");
    console.shows("/audit", listed(&[entry()], None)).is_silent(Method::GET, "/clients");
    console.get("/developers/audit", Role::Admin).await.is(200).has("update-provider").lacks("The shop");
    console.is_silent(Method::GET, "/audit");
    console.get("/developers/audit", Role::Admin).await.is(200).has("The API has no answer now.");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let console = console();
    let hostile = json!({"target": HOSTILE, "before": {HOSTILE: HOSTILE}, "after": {HOSTILE: "x"}});
    console.shows("/audit", listed(&[samples::with(entry(), &hostile)], None));
    let seen = console.get("/developers/audit", Role::Admin).await;
    seen.lacks("<script>").has(&format!("<code>{HOSTILE_SHOWN}</code> <del>{HOSTILE_SHOWN}</del>"));
}

#[tokio::test]
async fn the_view_as_csv_is_the_apis() {
    let console = Console::open();
    console.says(Method::GET, "/audit", 200, "text/csv", "id,at\naud_1,'=1\n".to_owned());
    let seen = console.get("/developers/audit?outcome=done&format=csv", Role::Admin).await;
    assert_eq!(seen.text, "id,at\naud_1,'=1\n");
    assert_eq!(seen.headers["content-disposition"], "attachment; filename=\"audit-2026-11-20.csv\"");
    assert_eq!(console.made_lines(), ["GET /audit?outcome=done"]);
}

#[tokio::test]
async fn only_admins_see_it() {
    let console = Console::open();
    for role in [Role::Merchant, Role::Operations, Role::Finance, Role::Engineering] {
        console.get("/developers/audit", role).await.is(403);
    }
    console.get("/developers/audit/other", Role::Admin).await.is(404);
    assert!(console.made().is_empty());
}
