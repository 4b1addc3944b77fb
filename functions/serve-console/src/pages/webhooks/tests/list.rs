use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use super::samples::{ENDPOINT, console, endpoint, failing, listed};
use crate::testing::Console;
use crate::testing::samples::with;

#[tokio::test]
async fn endpoints_are_listed_with_one_request() {
    let console = console();
    let seen = console.get("/developers/webhooks", Role::Engineering).await;
    seen.is(200).has("https://example.com/hooks").has("transaction.created").has("The shop").has("ENABLED");
    seen.has("is well").has("98.5 % of 200").has("1 h 30 min ago").has("+ Add endpoint").has("cursor=more");
    seen.has("1 row").has(&format!("href=\"/v1/console/developers/webhooks/{ENDPOINT}\""));
    seen.has("href=\"/v1/console/developers/webhooks/events\"");
    assert_eq!(console.made_lines(), ["GET /webhook-endpoints?limit=50"]);
    console.get("/developers/webhooks?cursor=more", Role::Merchant).await.is(200);
    assert_eq!(console.made_lines(), ["GET /webhook-endpoints?limit=50&cursor=more"]);
}

#[tokio::test]
async fn how_each_does_is_in_its_row() {
    let console = Console::open();
    let new = with(
        endpoint(),
        &json!({"health": with(endpoint()["health"].clone(), &json!({"last_success_at": null,
            "attempts_last_day": 0, "succeeded_last_day": 0, "success_share_last_day": null}))}),
    );
    let mut flaky = failing(&json!({}));
    flaky["health"]["breaker"] = json!("CLOSED");
    flaky["health"]["next_probe_at"] = json!(null);
    let paused = with(endpoint(), &json!({"status": "PAUSED"}));
    console.shows(
        "/webhook-endpoints",
        listed("webhook_endpoints", &[failing(&json!({})), flaky, new, paused], None),
    );
    let seen = console.get("/developers/webhooks", Role::Admin).await;
    seen.has("fails all the time").has("next probe <").has("in 5 min").has("since <").has(">7</td>");
    seen.has("</span> fails</span>").has("not tried yet").has("no attempts").has("PAUSED").has("1 h ago");
    assert_eq!(seen.text.matches("is well").count(), 0);
}

#[tokio::test]
async fn a_list_without_an_answer_says_so() {
    let console = Console::open();
    console.shows("/webhook-endpoints", listed("webhook_endpoints", &[], None));
    let seen = console.get("/developers/webhooks?done=deleted", Role::Merchant).await;
    seen.has("Nobody is told of anything yet.").has("The endpoint is deleted");
    console.is_silent(Method::GET, "/webhook-endpoints");
    let seen = console.get("/developers/webhooks", Role::Merchant).await;
    seen.is(200).has("The API has no answer now.").has("+ Add endpoint");
}
