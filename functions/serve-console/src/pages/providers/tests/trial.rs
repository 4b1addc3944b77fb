use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::{console_with, provider};
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION};

fn path() -> String {
    format!("/providers/{PROVIDER}/test")
}

fn report(transaction: &Value) -> Value {
    json!({"status": "PAID", "occurred_at": "2026-11-20T11:00:00+07:00", "amount": "10000", "currency": "IDR",
        "provider_transaction_id": "qrpy_1", "code": null, "message": HOSTILE, "transaction_reference": "INV-1",
        "transaction": transaction})
}

fn outcome(verdict: &str, reports: &[Value]) -> Value {
    json!({"status": true, "test": {"provider_id": PROVIDER, "is_sample": true, "body": HOSTILE, "outcome": {
        "verdict": verdict, "trust": "keyed", "acknowledgement": {"status": 200, "body": {"status": true}},
        "reports": reports, "not_booked": [{"event": "va.created", "reason": "nothing is booked for it"}],
        "problem": if verdict == "taken" { Value::Null } else { json!("compare the secret") },
    }}})
}

fn console(answer: Value) -> Console {
    let console = console_with(&provider());
    console.answers(Method::POST, "/providers/{id}/test", 200, answer);
    console
}

#[tokio::test]
async fn a_sample_shows_what_would_become_of_it() {
    let changed = json!({"id": TRANSACTION, "transaction_reference": "INV-1", "outcome": "status_changed", "reason": null,
        "status_before": "PENDING", "status_after": "PAID", "amount": "10000", "currency": "IDR"});
    let console = console(outcome("taken", &[report(&changed), report(&Value::Null)]));
    let seen = console.post(&path(), Role::Operations, &[("reference", "INV-1")]).await;
    seen.is(200).has("A sample would be taken").has("the status changes").has("PENDING").has("keyed");
    seen.has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\"")).has("fits nothing");
    seen.has("va.created: nothing is booked for it").has("200 {&#34;status&#34;:true}");
    seen.has(HOSTILE_SHOWN).lacks("<script>");
    let bodies: Vec<Value> = console
        .made()
        .iter()
        .filter(|made| made.method == Method::POST)
        .map(crate::testing::Made::json)
        .collect();
    assert_eq!(bodies, [json!({"reference": "INV-1"})]);
}

#[tokio::test]
async fn a_callback_is_tried_as_it_was_sent() {
    let console = console(outcome("refused", &[]));
    let form = [
        ("callback.body", "{\"a\": 1}"),
        ("callback.headers", "X-Callback-Token: a:b\r\nno header\r\n Other : c"),
        ("callback.path_token", "hush-hush"),
    ];
    let seen = console.post(&path(), Role::Operations, &form).await;
    seen.is(200)
        .has("would be refused")
        .has("compare the secret")
        .has("It reports no payment.")
        .lacks("hush-hush");
    let made = console.made();
    let made = made.iter().find(|made| made.method == Method::POST).unwrap();
    let headers = json!({"X-Callback-Token": "a:b", "Other": "c"});
    let callback = json!({"headers": headers, "body": "{\"a\": 1}", "path_token": "hush-hush"});
    assert_eq!(made.json(), json!({"callback": callback}));
}

#[tokio::test]
async fn what_is_refused_stays_filled_in() {
    let console = console(outcome("taken", &[]));
    console.refuses(Method::POST, "/providers/{id}/test", 422, Some("callback.body"));
    let form = [("callback.body", ""), ("callback.headers", "a: b"), ("callback.path_token", "hush-hush")];
    let seen = console.post(&path(), Role::Operations, &form).await;
    seen.is(422).has("<strong class=\"bad\">expected something else</strong>").has(">a: b</textarea>");
    seen.lacks("hush-hush");
    console.refuses(Method::POST, "/providers/{id}/test", 400, Some("reference"));
    let seen = console.post(&path(), Role::Operations, &[("reference", HOSTILE)]).await;
    seen.is(400).has(HOSTILE_SHOWN).has("<strong class=\"bad\">").lacks("<script>");
    console.is_silent(Method::POST, "/providers/{id}/test");
    console.post(&path(), Role::Operations, &[("reference", "x")]).await.is(503);
}

#[tokio::test]
async fn only_those_who_may_try_are_asked() {
    let console = console(outcome("taken", &[]));
    console.get(&path(), Role::Operations).await.is(200).has("Try a sample").has("Try this callback");
    for role in [Role::Engineering, Role::Finance] {
        console.get(&path(), role).await.is(403);
        console.post(&path(), role, &[]).await.is(403);
    }
}
