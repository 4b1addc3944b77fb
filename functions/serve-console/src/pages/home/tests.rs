use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::pages::webhooks::samples as webhooks;
use crate::testing::Console;
use crate::testing::samples::{self, HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION};

fn empty(items: &str) -> Value {
    json!({"status": true, items: [], "next_cursor": null})
}

fn console() -> Console {
    let console = Console::open();
    console.shows("/transactions", empty("transactions"));
    console.shows("/providers", empty("providers"));
    console.shows("/reconciliation/exceptions", empty("exceptions"));
    console.shows("/unmatched-callbacks", empty("unmatched_callbacks"));
    console.shows("/webhook-endpoints", empty("webhook_endpoints"));
    console
}

/// Who may do nothing about a matter is not asked for it, and neither is the API.
#[tokio::test]
async fn everybody_sees_what_they_can_do_something_about() {
    for (role, calls) in [
        (Role::Merchant, 3),
        (Role::Operations, 4),
        (Role::Finance, 4),
        (Role::Engineering, 5),
        (Role::Admin, 6),
    ] {
        let console = console();
        let seen = console.get("/", role).await;
        seen.is(200).has("Stuck payments").has("No payment is open longer than it should be.");
        assert_eq!(console.made().len(), calls, "{role}");
        assert_eq!(
            seen.text.contains("Open exceptions"),
            matches!(role, Role::Finance | Role::Admin),
            "{role}"
        );
        assert_eq!(seen.text.contains("Providers out of order"), role != Role::Merchant, "{role}");
    }
}

#[tokio::test]
async fn a_matter_leads_to_its_list() {
    let console = console();
    let stuck = samples::with(samples::transaction(), &json!({"transaction_reference": HOSTILE}));
    let page = json!({"status": true, "transactions": [stuck], "next_cursor": "more"});
    console.says(Method::GET, "/transactions", 200, "application/json", page.to_string());
    let out_of_order =
        json!({"id": PROVIDER, "name": HOSTILE, "status": "MAINTENANCE", "status_reason": "40 % fail"});
    let active = json!({"id": PROVIDER, "name": "Fine", "status": "ACTIVE", "status_reason": ""});
    let providers = json!({"providers": [out_of_order, active], "next_cursor": null});
    console.says(Method::GET, "/providers", 200, "application/json", providers.to_string());
    let seen = console.get("/", Role::Admin).await;
    seen.has("1 or more")
        .has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\">{HOSTILE_SHOWN}</a>"));
    seen.has("href=\"/v1/console/transactions?tab=all&#38;stuck=true\"")
        .has("40 % fail")
        .lacks("Fine")
        .lacks("<script>");
}

/// Those who can do something about it see an endpoint that fails, though it is enabled; one that is well is no matter.
#[tokio::test]
async fn endpoints_that_fail_or_wait_are_shown() {
    let console = console();
    let well = webhooks::endpoint();
    let failing = webhooks::failing(&json!({"url": "https://example.com/failing"}));
    let paused = samples::with(well.clone(), &json!({"url": HOSTILE, "status": "PAUSED"}));
    let endpoints =
        json!({"status": true, "webhook_endpoints": [well, failing, paused], "next_cursor": null});
    console.shows("/webhook-endpoints", endpoints);
    for role in [Role::Engineering, Role::Admin, Role::Merchant] {
        let seen = console.get("/", role).await;
        let page = format!("href=\"/v1/console/developers/webhooks/{}\"", webhooks::ENDPOINT);
        seen.has("Webhook endpoints that fail or wait").has("<p class=\"number\">2</p>").has(&page);
        seen.has("https://example.com/failing").has("fails all the time").has("PAUSED").has(HOSTILE_SHOWN);
        seen.lacks("https://example.com/hooks<").lacks("<script>");
    }
    console.get("/", Role::Operations).await.lacks("Webhook endpoints");
}

#[tokio::test]
async fn a_matter_that_cannot_be_told_leaves_the_others() {
    let console = console();
    console.is_silent(Method::GET, "/transactions").refuses(Method::GET, "/providers", 503, None);
    let seen = console.get("/", Role::Admin).await;
    seen.is(200).has("The API has no answer now.").has("Every endpoint takes what it is told.");
}
