use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, HOSTILE, HOSTILE_SHOWN};

const ENDPOINT: &str = "whe_00000000000000000000000001";

fn endpoint() -> Value {
    json!({
        "id": ENDPOINT, "url": "https://example.com/hooks", "events": ["transaction.created", "reconciliation.completed"],
        "description": "The shop", "status": "ENABLED", "created_at": "2026-11-20 10:30:00",
    })
}

fn listed(endpoints: &[Value], next: Option<&str>) -> Value {
    json!({"status": true, "webhook_endpoints": endpoints, "next_cursor": next})
}

#[tokio::test]
async fn endpoints_are_listed_with_one_request() {
    let console = Console::open();
    console.shows("/webhook-endpoints", listed(&[endpoint()], Some("more")));
    let seen = console.get("/developers/webhooks", Role::Engineering).await;
    seen.is(200).has("https://example.com/hooks").has("transaction.created").has("The shop").has("ENABLED");
    seen.has("1 h 30 min ago").has("+ Add endpoint").has("cursor=more").has("1 row");
    assert_eq!(console.made_lines(), ["GET /webhook-endpoints?limit=50"]);
    console.get("/developers/webhooks?cursor=more", Role::Merchant).await.is(200);
    assert_eq!(console.made_lines(), ["GET /webhook-endpoints?limit=50&cursor=more"]);
}

#[tokio::test]
async fn a_list_without_an_answer_says_so() {
    let console = Console::open();
    console.shows("/webhook-endpoints", listed(&[], None));
    console.get("/developers/webhooks", Role::Merchant).await.has("Nobody is told of anything yet.");
    console.is_silent(Method::GET, "/webhook-endpoints");
    let seen = console.get("/developers/webhooks", Role::Merchant).await;
    seen.is(200).has("The API has no answer now.").has("+ Add endpoint");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let console = Console::open();
    let hostile = samples::with(endpoint(), &json!({"url": HOSTILE, "description": HOSTILE}));
    console.shows("/webhook-endpoints", listed(&[hostile], None));
    console.get("/developers/webhooks", Role::Merchant).await.has(HOSTILE_SHOWN).lacks("<script>");
}

#[tokio::test]
async fn an_endpoint_is_added_and_its_secret_shown_this_once() {
    let console = Console::open();
    let seen = console.get("/developers/webhooks/new", Role::Engineering).await;
    seen.is(200).has("value=\"transaction.created\" checked").has("name=\"idempotency_key\"");
    seen.lacks("value=\"reconciliation.completed\" checked");
    let created = samples::with(endpoint(), &json!({"secret": "whsec_c2VjcmV0"}));
    let body = json!({"status": true, "webhook_endpoint": created});
    console.answers(Method::POST, "/webhook-endpoints", 201, body);
    let form = [
        ("url", "https://example.com/hooks"),
        ("events", "transaction.created"),
        ("events", "reconciliation.completed"),
        ("idempotency_key", "k1"),
    ];
    let seen = console.post("/developers/webhooks/new", Role::Engineering, &form).await;
    seen.is(200).has("<code>whsec_c2VjcmV0</code>").has("it is not shown again");
    let made = console.made();
    assert_eq!(made.len(), 1);
    assert_eq!(
        made[0].json(),
        json!({
            "url": "https://example.com/hooks", "events": ["transaction.created", "reconciliation.completed"],
            "description": null,
        })
    );
    assert_eq!(made[0].headers["idempotency-key"], "k1");
}

#[tokio::test]
async fn a_refused_endpoint_is_shown_again_as_it_was_filled_in() {
    let console = Console::open();
    for (status, field) in [(400, Some("url")), (409, None), (422, Some("events"))] {
        console.refuses(Method::POST, "/webhook-endpoints", status, field);
        let form = [("url", HOSTILE), ("description", "Ours"), ("idempotency_key", "k1")];
        let seen = console.post("/developers/webhooks/new", Role::Merchant, &form).await;
        seen.is(status).has(&format!("value=\"{HOSTILE_SHOWN}\"")).has("value=\"Ours\"").has("value=\"k1\"");
        seen.has("expected something else").lacks(" checked");
    }
}

#[tokio::test]
async fn who_may_not_is_shown_nothing_of_it() {
    let console = Console::open();
    for role in [Role::Operations, Role::Finance] {
        console.get("/developers/webhooks", role).await.is(403);
        console.get("/developers/webhooks/new", role).await.is(403);
        console.post("/developers/webhooks/new", role, &[("url", "https://a.example")]).await.is(403);
    }
    console.get("/developers/webhooks/other", Role::Admin).await.is(404);
    console.post("/developers/webhooks", Role::Admin, &[]).await.is(404);
    assert!(console.made().is_empty());
}
