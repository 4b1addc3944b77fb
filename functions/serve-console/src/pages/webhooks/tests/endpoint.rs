use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::at;
use super::samples::{DELIVERY, ENDPOINT, console, delivery, endpoint, failing, listed, one, with_secret};
use crate::testing::Console;
use crate::testing::samples::{TRANSACTION, with};
use crate::testing::with_header;

fn console_with(endpoint: &Value) -> Console {
    let console = console();
    console.shows("/webhook-endpoints/{id}", one(endpoint));
    console
}

#[tokio::test]
async fn an_endpoint_has_a_page_with_what_can_be_done() {
    let console = console();
    let seen = console.get(&at(""), Role::Engineering).await;
    seen.is(200).has("Webhook endpoint https://example.com/hooks").has("is well").has("98.5 % of 200");
    seen.has("5 s, 5 min, 30 min").has("at most 20").has("up to 50 transactions, within 10 s");
    seen.has("versions of a transaction in order")
        .has("v1: HMAC-SHA256")
        .has("/webhooks/events#transaction.created");
    seen.has("Send a test event").has("Pause it").has("New secret for https://example.com/hooks");
    seen.has("Delete https://example.com/hooks for good").has("Replay these…").lacks("Public key");
    let mut made = console.made_lines();
    made.sort();
    let deliveries = format!("GET /webhook-endpoints/{ENDPOINT}/deliveries?limit=50");
    assert_eq!(made, [format!("GET /webhook-endpoints/{ENDPOINT}"), deliveries]);
}

#[tokio::test]
async fn its_health_is_told_in_words() {
    let seen = console_with(&failing(&json!({}))).get(&at(""), Role::Admin).await;
    seen.has(
        "What it is to be told is parked because it failed 5 times in a row since 2026-11-20 11:00:00 +07:00. \
         7 deliveries wait. The next probe is at 2026-11-20 12:05:00 +07:00;",
    );
    let mut flaky = failing(&json!({}));
    flaky["health"]["breaker"] = json!("CLOSED");
    flaky["health"]["consecutive_failures"] = json!(1);
    let seen = console_with(&flaky).get(&at(""), Role::Admin).await;
    seen.has("It failed once since 2026-11-20 11:00:00 +07:00. When that goes on for five days");
    let mut paused = with(endpoint(), &json!({"status": "PAUSED"}));
    paused["health"]["parked"] = json!(1);
    let seen = console_with(&paused).get(&at(""), Role::Admin).await;
    seen.has("It is paused. 1 delivery waits,").has("Resume it").lacks("Send a test event");
    for (reason, said) in [("gone", "it answered 410"), ("failing", "every attempt of five days failed")] {
        let off =
            json!({"status": "DISABLED", "disabled_at": "2026-11-20 11:55:00", "disabled_reason": reason});
        let seen = console_with(&with(endpoint(), &off)).get(&at(""), Role::Admin).await;
        seen.has("It was switched off at 2026-11-20 11:55:00 +07:00").has(said).has("Switch it on again");
    }
}

#[tokio::test]
async fn keys_and_what_is_usual_are_said() {
    let members = json!({"signature": "v1a", "public_key": "whpk_cHVibGlj", "retry_seconds": null, "batch": null,
        "rate_limit": null, "ordered": false, "previous_secret_until": "2026-11-20 13:00:00"});
    let seen = console_with(&with(endpoint(), &members)).get(&at(""), Role::Merchant).await;
    seen.has("<code>whpk_cHVibGlj</code>").has("about three days in all").has("as many as there are");
    seen.has("each goes by itself").has("signs along until 2026-11-20 13:00:00 +07:00").has("as they come");
    let over = with(endpoint(), &json!({"previous_secret_until": "2026-11-20 11:00:00"}));
    console_with(&over).get(&at(""), Role::Merchant).await.lacks("signs along until");
}

#[tokio::test]
async fn a_test_event_leads_to_its_delivery() {
    let console = console();
    let sent = json!({"status": true, "delivery": delivery()});
    console.answers(Method::POST, "/webhook-endpoints/{id}/test", 202, sent);
    let seen = console.post(&at("/test"), Role::Merchant, &[]).await;
    assert_eq!(seen.location(), at(&format!("/deliveries/{DELIVERY}?done=sent")));
    assert_eq!(console.made_lines(), [format!("POST /webhook-endpoints/{ENDPOINT}/test")]);
    console.refuses(Method::POST, "/webhook-endpoints/{id}/test", 409, None);
    console.post(&at("/test"), Role::Merchant, &[]).await.is(409).has("expected something else");
}

#[tokio::test]
async fn it_is_paused_and_resumed_over_the_version_that_was_seen() {
    let console = console();
    console.answers(Method::PATCH, "/webhook-endpoints/{id}", 200, one(&endpoint()));
    for status in ["PAUSED", "ENABLED"] {
        let form = [("version", "3"), ("status", status)];
        let seen = console.post(&at("/status"), Role::Engineering, &form).await;
        assert_eq!(seen.location(), at(&format!("?done={status}")));
        let made = console.made().remove(0);
        assert_eq!(made.json(), json!({"status": status}));
        assert_eq!(made.headers["if-match"], "\"3\"");
    }
    console.get(&at("?done=PAUSED"), Role::Admin).await.has("It is paused: what it is to be told waits");
    console.refuses(Method::PATCH, "/webhook-endpoints/{id}", 412, None);
    let form = [("version", "2"), ("status", "PAUSED")];
    let seen = console.post(&at("/status"), Role::Engineering, &form).await;
    seen.is(412).has("Somebody changed it while you had it open").has("name=\"version\" value=\"3\"");
}

#[tokio::test]
async fn another_secret_is_shown_once_and_until_when_the_old_one_signs_along() {
    let console = console();
    let rotated = with_secret(&json!({"previous_secret_until": "2026-11-20 18:00:00"}));
    console.answers(Method::POST, "/webhook-endpoints/{id}/rotate-secret", 200, one(&rotated));
    let form = [("overlap_hours", "6"), ("idempotency_key", "k2")];
    let seen = console.post(&at("/rotate"), Role::Admin, &form).await;
    seen.is(200).has("<code>whsec_c2VjcmV0</code>").has("Until 2026-11-20 18:00:00 +07:00 the secret before");
    let made = console.made().remove(0);
    assert_eq!(
        (made.json(), &made.headers["idempotency-key"]),
        (json!({"overlap_hours": 6}), &"k2".parse().unwrap())
    );
    let over = with_secret(&json!({}));
    console.answers(Method::POST, "/webhook-endpoints/{id}/rotate-secret", 200, one(&over));
    console.post(&at("/rotate"), Role::Admin, &form).await.has("The secret before is over");
    for status in [400, 409, 422] {
        let route = "/webhook-endpoints/{id}/rotate-secret";
        console.refuses(Method::POST, route, status, Some("overlap_hours"));
        let form = [("overlap_hours", "many"), ("idempotency_key", "k2")];
        let seen = console.post(&at("/rotate"), Role::Admin, &form).await;
        seen.is(status).has("<strong class=\"bad\">expected something else</strong>").has("value=\"many\"");
        seen.has("<details open>").has("value=\"k2\"");
    }
}

#[tokio::test]
async fn it_is_deleted_or_it_is_said_why_not() {
    let console = console();
    console.answers(Method::DELETE, "/webhook-endpoints/{id}", 200, json!({"status": true}));
    let seen = console.post(&at("/delete"), Role::Admin, &[("version", "3")]).await;
    assert_eq!(seen.location(), "/developers/webhooks?done=deleted");
    let made = console.made().remove(0);
    assert_eq!((made.method, &made.headers["if-match"]), (Method::DELETE, &"\"3\"".parse().unwrap()));
    for (status, said) in [(409, "expected something else"), (412, "Somebody changed it")] {
        console.refuses(Method::DELETE, "/webhook-endpoints/{id}", status, None);
        console.post(&at("/delete"), Role::Admin, &[("version", "3")]).await.is(status).has(said);
    }
}

#[tokio::test]
async fn deliveries_are_narrowed_and_gone_through() {
    let console = console();
    let pending = json!({"status": "PENDING", "event": "webhook.test", "transaction_id": null, "version": null,
        "attempts": 0, "http_status": null, "error": null, "next_attempt_at": "2026-11-20T12:00:30.000+07:00"});
    let told = [delivery(), with(delivery(), &pending)];
    console.shows("/webhook-endpoints/{id}/deliveries", listed("deliveries", &told, Some("n")));
    let filter = "status=FAILED&event=transaction.updated&http_class=5xx&from=2026-11-20";
    let seen = console.get(&at(&format!("?{filter}")), Role::Merchant).await;
    seen.has(&format!("/deliveries/{DELIVERY}\""))
        .has(&format!("/transactions/{TRANSACTION}\""))
        .has("</span> 500</span>");
    seen.has("version 2")
        .has("FAILED")
        .has("PENDING")
        .has("in 30 s")
        .has("value=\"FAILED\" selected")
        .has("cursor=n")
        .has("data-live");
    seen.has(&format!("/replay?{}\"", filter.replace('&', "&#38;")));
    let made = console.made_lines();
    assert!(
        made.contains(&format!("GET /webhook-endpoints/{ENDPOINT}/deliveries?limit=50&{filter}")),
        "{made:?}"
    );
    let seen = console.get(&at("?cursor=n"), Role::Merchant).await;
    seen.has("First page").lacks("data-live");
}

/// The page's script asks for the rows alone.
#[tokio::test]
async fn the_rows_are_kept_up_to_date_with_one_request() {
    let console = console();
    let poll = console.request(Method::GET, &at("?status=FAILED"), Some(Role::Merchant));
    let seen = console.send(with_header(poll, "x-console-part", "rows")).await;
    seen.is(200).has("id=\"rows\"").has(DELIVERY).lacks("<html");
    let expected = format!("GET /webhook-endpoints/{ENDPOINT}/deliveries?limit=50&status=FAILED");
    assert_eq!(console.made_lines(), [expected]);
}

#[tokio::test]
async fn deliveries_without_an_answer_leave_the_endpoint() {
    let console = console();
    console.shows("/webhook-endpoints/{id}/deliveries", listed("deliveries", &[], None));
    console.get(&at(""), Role::Admin).await.has("It was told nothing yet");
    console.get(&at("?status=FAILED"), Role::Admin).await.has("No delivery passes these filters.");
    console.is_silent(Method::GET, "/webhook-endpoints/{id}/deliveries");
    console.get(&at(""), Role::Admin).await.is(200).has("The API has no answer now.").has("Pause it");
    console.refuses(Method::GET, "/webhook-endpoints/{id}/deliveries", 422, Some("from"));
    console.get(&at("?from=x"), Role::Admin).await.is(200).has("from: expected something else");
}
