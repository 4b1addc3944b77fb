//! Endpoints and what they were told, as the API shows them.

use http::Method;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{HOSTILE, TRANSACTION, with};

pub const ENDPOINT: &str = "whe_00000000000000000000000001";
pub const DELIVERY: &str = "whd_00000000000000000000000001";
pub const MEMBER: &str = "whd_00000000000000000000000002";
pub const REPLAY: &str = "rpl_00000000000000000000000001";

/// An endpoint that is well.
pub fn endpoint() -> Value {
    json!({
        "id": ENDPOINT, "version": 3, "url": "https://example.com/hooks",
        "events": ["transaction.created", "reconciliation.completed"], "description": "The shop",
        "status": "ENABLED", "disabled_at": null, "disabled_reason": null, "retry_seconds": [5, 300, 1800],
        "rate_limit": 20, "batch": {"max_records": 50, "max_seconds": 10}, "ordered": true, "signature": "v1",
        "public_key": null, "previous_secret_until": null, "created_at": "2026-11-20 10:30:00",
        "health": {
            "last_success_at": "2026-11-20 11:30:00", "last_failure_at": null, "failing_since": null,
            "consecutive_failures": 0, "attempts_last_day": 200, "succeeded_last_day": 197,
            "success_share_last_day": "0.9850", "breaker": "CLOSED", "next_probe_at": null, "parked": 0,
        },
    })
}

/// One that fails all the time.
pub fn failing(members: &Value) -> Value {
    let mut failing = with(endpoint(), members);
    failing["health"] = with(
        failing["health"].clone(),
        &json!({"last_failure_at": "2026-11-20 11:50:00", "failing_since": "2026-11-20 11:00:00",
            "consecutive_failures": 5, "breaker": "OPEN", "next_probe_at": "2026-11-20 12:05:00", "parked": 7}),
    );
    failing
}

pub fn with_secret(members: &Value) -> Value {
    with(with(endpoint(), &json!({"secret": "whsec_c2VjcmV0"})), members)
}

/// A delivery that was given up.
pub fn delivery() -> Value {
    json!({
        "id": DELIVERY, "event": "transaction.updated", "status": "FAILED", "transaction_id": TRANSACTION,
        "version": 2, "attempts": 2, "http_status": 500, "error": "http_status",
        "created_at": "2026-11-20T11:00:00.000+07:00", "next_attempt_at": null,
        "last_attempt_at": "2026-11-20T11:05:00.000+07:00", "batch_id": null, "members": [], "replay_id": null,
    })
}

/// An attempt of which nothing was sent, and one that was answered.
pub fn attempts() -> Value {
    json!([
        {"number": 1, "at": "2026-11-20T11:00:01.000+07:00", "duration_ms": 4, "http_status": null,
            "error": "dns_error", "response": "", "request_headers": null},
        {"number": 2, "at": "2026-11-20T11:05:00.000+07:00", "duration_ms": 120, "http_status": 500,
            "error": "http_status", "response": "no disk", "request_headers": {
                "content-type": "application/json", "user-agent": "Paywarden", "webhook-id": DELIVERY,
                "webhook-timestamp": "1795147500", "webhook-signature": "v1,c2ln"}},
    ])
}

pub fn details(members: &Value) -> Value {
    let body = json!({"body": "{\"transactions\":[{\"amount\":75000.50}]}", "attempt_log": attempts()});
    json!({"status": true, "delivery": with(with(delivery(), &body), members)})
}

pub fn replay(members: &Value) -> Value {
    let replay = json!({"id": REPLAY, "endpoint_id": ENDPOINT, "state": "RUNNING", "counted": 500, "queued": 120,
        "created_at": "2026-11-20 11:59:00", "finished_at": null});
    json!({"status": true, "replay": with(replay, members)})
}

pub fn one(endpoint: &Value) -> Value {
    json!({"status": true, "webhook_endpoint": endpoint})
}

pub fn listed(items: &str, listed: &[Value], next: Option<&str>) -> Value {
    json!({"status": true, items: listed, "next_cursor": next})
}

fn described(event: &str, description: &str, subscribable: bool, example: &Value) -> Value {
    json!({"event": event, "description": description, "subscribable": subscribable,
        "schema": {"type": "object"}, "example": example})
}

pub fn events(description: &str) -> Value {
    let example = json!({"transactions": [{"amount": 10000}]});
    json!({"status": true, "event_types": [
        described("transaction.updated", description, true, &example),
        described("webhook.test", "Somebody tries one out", false, &json!({"event": "webhook.test"})),
    ]})
}

/// A console before an API that has all of it.
pub fn console() -> Console {
    console_of(&endpoint(), &delivery(), &details(&json!({})), "A transaction `changed`")
}

/// The same with text from outside wherever it can come in.
pub fn hostile_console() -> Console {
    let endpoint = with(endpoint(), &json!({"url": HOSTILE, "description": HOSTILE}));
    let mut log = attempts();
    log[1]["response"] = json!(HOSTILE);
    log[1]["request_headers"]["user-agent"] = json!(HOSTILE);
    let details = details(&json!({"body": HOSTILE, "attempt_log": log}));
    console_of(&endpoint, &delivery(), &details, HOSTILE)
}

fn console_of(endpoint: &Value, delivery: &Value, details: &Value, description: &str) -> Console {
    let console = Console::open();
    console.shows(
        "/webhook-endpoints",
        listed("webhook_endpoints", std::slice::from_ref(endpoint), Some("more")),
    );
    console.shows("/webhook-endpoints/{id}", one(endpoint));
    console.shows(
        "/webhook-endpoints/{id}/deliveries",
        listed("deliveries", std::slice::from_ref(delivery), None),
    );
    console.shows("/webhook-endpoints/{id}/deliveries/{delivery_id}", details.clone());
    console.shows("/webhook-endpoints/{id}/replays/{replay_id}", replay(&json!({})));
    let counted = json!({"status": true, "counted": 12});
    console.answers(Method::POST, "/webhook-endpoints/{id}/replay", 200, counted);
    console.shows("/event-types", events(description));
    console
}
