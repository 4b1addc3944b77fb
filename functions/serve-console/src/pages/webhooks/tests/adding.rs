use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::samples::{DELIVERY, ENDPOINT, delivery, with_secret};
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, with};

const NEW: &str = "/developers/webhooks/new";

fn created(endpoint: &Value, delivery: &Value) -> Value {
    json!({"status": true, "webhook_endpoint": endpoint, "delivery": delivery})
}

const FORM: &[(&str, &str)] = &[
    ("url", "https://example.com/hooks"),
    ("events", "transaction.created"),
    ("events", "reconciliation.completed"),
    ("description", "The shop"),
    ("retry_seconds", "5, 300,1800"),
    ("rate_limit", "20"),
    ("batch.max_records", "50"),
    ("batch.max_seconds", "10"),
    ("ordered", "true"),
    ("signature", "v1"),
    ("test", "true"),
    ("idempotency_key", "k1"),
];

#[tokio::test]
async fn the_empty_form_begins_with_the_usual_events() {
    let console = Console::open();
    let seen = console.get(NEW, Role::Engineering).await;
    seen.is(200).has("value=\"transaction.created\" checked").has("name=\"idempotency_key\"");
    seen.has("<option value=\"v1a\">").has("name=\"test\"").has("name=\"batch.max_seconds\"");
    seen.has("href=\"/v1/console/developers/webhooks/events\"");
    seen.lacks("value=\"reconciliation.completed\" checked").lacks("value=\"webhook.test\"");
    assert_eq!(console.made_lines(), [""; 0]);
}

#[tokio::test]
async fn an_endpoint_is_added_and_its_secret_shown_this_once() {
    let console = Console::open();
    let tested = with(delivery(), &json!({"event": "webhook.test", "transaction_id": null, "version": null}));
    console.answers(Method::POST, "/webhook-endpoints", 201, created(&with_secret(&json!({})), &tested));
    let seen = console.post(NEW, Role::Engineering, FORM).await;
    seen.is(200)
        .has("<code>whsec_c2VjcmV0</code>")
        .has("it is not shown again")
        .has("What came of the test event");
    seen.has(&format!("href=\"/v1/console/developers/webhooks/{ENDPOINT}/deliveries/{DELIVERY}\""));
    seen.has(&format!("href=\"/v1/console/developers/webhooks/{ENDPOINT}\"")).lacks("Public key");
    let made = console.made();
    assert_eq!((made.len(), made[0].headers["idempotency-key"].to_str().unwrap()), (1, "k1"));
    let expected = json!({
        "url": "https://example.com/hooks", "events": ["transaction.created", "reconciliation.completed"],
        "description": "The shop", "retry_seconds": [5, 300, 1800], "rate_limit": 20,
        "batch": {"max_records": 50, "max_seconds": 10}, "ordered": true, "signature": "v1", "test": true,
    });
    assert_eq!(made[0].json(), expected);
}

#[tokio::test]
async fn what_is_left_empty_is_as_usual_and_a_public_key_is_no_secret() {
    let console = Console::open();
    let members = json!({"secret": null, "public_key": "whpk_cHVibGlj", "signature": "v1a"});
    console.answers(Method::POST, "/webhook-endpoints", 201, created(&with_secret(&members), &json!(null)));
    let form = [("url", "https://example.com/hooks"), ("signature", "v1a"), ("idempotency_key", "k1")];
    let seen = console.post(NEW, Role::Merchant, &form).await;
    seen.is(200).has("<code>whpk_cHVibGlj</code>").has("There is no secret to keep");
    seen.lacks("Signing secret").lacks("What came of the test event");
    let expected = json!({
        "url": "https://example.com/hooks", "events": null, "description": null, "retry_seconds": null,
        "rate_limit": null, "batch": null, "ordered": false, "signature": "v1a", "test": false,
    });
    assert_eq!(console.made()[0].json(), expected);
}

#[tokio::test]
async fn what_is_no_number_is_for_the_api_to_refuse() {
    let console = Console::open();
    console.refuses(Method::POST, "/webhook-endpoints", 422, Some("retry_seconds"));
    let form = [("url", "https://a.example"), ("retry_seconds", "5,soon"), ("batch.max_records", "2")];
    let seen = console.post(NEW, Role::Admin, &form).await;
    seen.is(422).has("<strong class=\"bad\">expected something else</strong>").has("value=\"5,soon\"");
    let body = console.made()[0].json();
    assert_eq!(body["retry_seconds"], json!([5, "soon"]));
    assert_eq!(body["batch"], json!({"max_records": 2, "max_seconds": null}));
}

#[tokio::test]
async fn a_refused_endpoint_is_shown_again_as_it_was_filled_in() {
    let console = Console::open();
    for (status, field) in [(400, Some("url")), (409, None), (422, Some("events"))] {
        console.refuses(Method::POST, "/webhook-endpoints", status, field);
        let form =
            [("url", HOSTILE), ("description", "Ours"), ("signature", "v1a"), ("idempotency_key", "k1")];
        let seen = console.post(NEW, Role::Merchant, &form).await;
        seen.is(status).has(&format!("value=\"{HOSTILE_SHOWN}\"")).has("value=\"Ours\"").has("value=\"k1\"");
        seen.has("expected something else").has("<option value=\"v1a\" selected>").lacks(" checked");
    }
    for (status, shown) in [(429, 503), (503, 503)] {
        console.refuses(Method::POST, "/webhook-endpoints", status, None);
        console.post(NEW, Role::Merchant, FORM).await.is(shown).has("The API has no answer now.");
    }
}
