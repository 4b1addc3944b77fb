use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use super::at;
use super::samples::{ENDPOINT, REPLAY, console, replay};
use crate::testing::with_header;

const ROUTE: &str = "/webhook-endpoints/{id}/replay";

#[tokio::test]
async fn what_passes_is_counted_before_anything_is_sent() {
    let console = console();
    let seen = console.get(&at("/replay?status=FAILED&http_class=5xx&from=2026-11-20"), Role::Merchant).await;
    seen.is(200).has("12 deliveries pass this").has("Replay 12 deliveries").has("name=\"idempotency_key\"");
    seen.has("<input type=\"hidden\" name=\"status\" value=\"FAILED\">").has("value=\"2026-11-20\"");
    seen.lacks("value=\"PENDING\"");
    let mut made = console.made();
    made.sort_by_key(|made| made.path.len());
    assert_eq!(made.len(), 2);
    assert_eq!(made[1].path, format!("/webhook-endpoints/{ENDPOINT}/replay"));
    let expected = json!({"status": "FAILED", "http_class": "5xx", "from": "2026-11-20", "dry_run": true});
    assert_eq!(made[1].json(), expected);
    assert!(!made[1].headers.contains_key("idempotency-key"));
    for (counted, said) in [(0, "No delivery that is over passes this."), (1, "Replay 1 delivery<")] {
        console.answers(Method::POST, ROUTE, 200, json!({"status": true, "counted": counted}));
        console.get(&at("/replay?from=2026-11-20"), Role::Admin).await.has(said);
    }
}

/// Nobody sends everything again by leaving fields empty.
#[tokio::test]
async fn without_a_time_or_a_transaction_nothing_is_counted() {
    let console = console();
    let seen = console.get(&at("/replay?status=FAILED"), Role::Merchant).await;
    seen.is(200).has("Say from when, or of which transaction.").lacks("name=\"idempotency_key\"");
    assert_eq!(console.made_lines(), [format!("GET /webhook-endpoints/{ENDPOINT}")]);
    console.refuses(Method::POST, ROUTE, 422, Some("until"));
    let seen = console.get(&at("/replay?from=2026-11-20&until=2026-11-19"), Role::Merchant).await;
    seen.is(200).has("until: expected something else").lacks("name=\"idempotency_key\"");
    console.is_silent(Method::POST, ROUTE);
    let seen = console.get(&at("/replay?from=2026-11-20"), Role::Merchant).await;
    seen.is(200).has("The API has no answer now.");
}

#[tokio::test]
async fn it_is_started_as_it_was_counted_and_leads_to_how_far_it_is() {
    let console = console();
    console.answers(Method::POST, ROUTE, 201, replay(&json!({})));
    let form = [("status", "FAILED"), ("from", "2026-11-20"), ("idempotency_key", "k4")];
    let seen = console.post(&at("/replay"), Role::Engineering, &form).await;
    assert_eq!(seen.location(), at(&format!("/replays/{REPLAY}")));
    let made = console.made().remove(0);
    assert_eq!(made.json(), json!({"status": "FAILED", "from": "2026-11-20"}));
    assert_eq!(made.headers["idempotency-key"], "k4");
    for status in [400, 409, 422] {
        console.refuses(Method::POST, ROUTE, status, Some("from"));
        let seen = console.post(&at("/replay"), Role::Engineering, &form).await;
        seen.is(status).has("from: expected something else").has("value=\"FAILED\" selected");
    }
    console.refuses(Method::POST, ROUTE, 503, None);
    console.post(&at("/replay"), Role::Engineering, &form).await.is(503);
}

#[tokio::test]
async fn how_far_it_is_is_kept_up_to_date() {
    let console = console();
    let page = at(&format!("/replays/{REPLAY}"));
    let seen = console.get(&page, Role::Merchant).await;
    seen.is(200).has("120 of 500").has("RUNNING").has("data-live").has("Look again");
    assert_eq!(console.made_lines(), [format!("GET /webhook-endpoints/{ENDPOINT}/replays/{REPLAY}")]);
    let over = json!({"state": "COMPLETED", "queued": 500, "finished_at": "2026-11-20 12:00:00"});
    console.shows("/webhook-endpoints/{id}/replays/{replay_id}", replay(&over));
    console.get(&page, Role::Merchant).await.has("500 of 500").lacks("data-live").lacks("Look again");
    let poll =
        with_header(console.request(Method::GET, &page, Some(Role::Merchant)), "x-console-part", "rows");
    console.send(poll).await.has("500 of 500").has("id=\"rows\"").lacks("<html");
}
