use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, CLIENT, HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION};

const PAGE: &str = "/transactions/tra_00000000000000000000000001";
const ENTRY: &str = "log_00000000000000000000000001";

fn entry(at: &str, kind: &str, source: &str, summary: &str, detail: Value) -> Value {
    json!({"id": ENTRY, "at": at, "kind": kind, "source": source, "summary": summary, "detail": detail,
        "request_id": "req-9"})
}

fn paid_in_time() -> Vec<Value> {
    vec![
        entry("2026-11-20T10:30:00.000+07:00", "received", "merchant", "Recorded by the merchant", json!({})),
        entry(
            "2026-11-20T11:00:00.000+07:00",
            "provider_message",
            PROVIDER,
            "Xendit reports PAID",
            json!({"trust": "body"}),
        ),
        entry("2026-11-20T11:00:00.300+07:00", "status_changed", PROVIDER, "PENDING became PAID", json!({})),
        entry(
            "2026-11-20T11:00:01.500+07:00",
            "webhook_attempt",
            "whe_1",
            "Webhook attempt 1 answered 200",
            json!({"http_status": 200}),
        ),
    ]
}

fn console(transaction: &Value, held: &[Value], logs: &[Value]) -> Console {
    let console = Console::open();
    let details = json!({"status": true, "transaction": transaction, "held_reports": held, "attempts": []});
    console.shows("/transactions/{id}", details);
    let logs = json!({"status": true, "transaction": transaction, "logs": logs, "next_cursor": null});
    console.shows("/transactions/{id}/logs", logs);
    console
        .shows("/transactions", json!({"status": true, "transactions": [transaction], "next_cursor": null}));
    console
}

fn held(decision: &Value) -> Value {
    json!({"held_id": "amount:90000:IDR:qrpy_1", "kind": "amount", "amount": "90000", "currency": "IDR",
        "decision": decision, "reports": [{"status": "PAID", "occurred_at": "2026-11-20T04:00:00Z",
        "provider_id": PROVIDER, "provider_transaction_id": "qrpy_1"}]})
}

#[tokio::test]
async fn the_first_lines_say_where_it_stands_and_whether_the_merchant_was_told() {
    let paid = json!({"status": "PAID", "status_changed_at": "2026-11-20 11:00:00"});
    let console = console(&samples::with(samples::transaction(), &paid), &[], &paid_in_time());
    let seen = console.get(PAGE, Role::Operations).await;
    seen.is(200).has("<h1>Transaction INV-1</h1>").has("for 1 h").has("Xendit reports PAID");
    seen.has("Webhook attempt 1 answered 200");
    seen.has("1500 ms: 300 ms until the record changed, 1200 ms until the merchant&#39;s server had it");
    seen.has("75,000 <abbr>IDR</abbr>").has("525 <abbr>IDR</abbr>").has("30 min</li>").has("trust: body");
    assert_eq!(console.made().len(), 3);
}

#[tokio::test]
async fn a_stuck_payment_says_what_it_waits_for() {
    let console = console(&samples::transaction(), &[], &paid_in_time()[..1]);
    let seen = console.get(PAGE, Role::Operations).await;
    seen.has("Waits for the payer; Xendit has not said that it was paid.").has("usually done within 1 h");
    seen.has("No callback has come for it.").has("No webhook was sent about it.");
}

#[tokio::test]
async fn who_may_see_no_timeline_sees_the_payment() {
    let console = console(&samples::transaction(), &[held(&json!(null))], &[]);
    let seen = console.get(PAGE, Role::Finance).await;
    seen.is(200).lacks("Timeline").has("Accept 90,000 IDR").has("Dismiss 90,000 IDR");
    assert_eq!(console.made().len(), 2);
    let seen = console.get(PAGE, Role::Operations).await;
    seen.has("Somebody of finance decides this.").lacks("held-reports\"");
}

#[tokio::test]
async fn a_decision_is_made_with_a_reason() {
    let console = console(&samples::transaction(), &[held(&json!(null))], &[]);
    let decided = json!({"status": true, "transaction": samples::transaction(), "held_reports": []});
    console.answers(Method::POST, "/transactions/{id}/held-reports", 200, decided);
    let form = [("held_id", "amount:90000:IDR:qrpy_1"), ("ruling", "accepted"), ("reason", "a surcharge")];
    let seen = console.post(&format!("{PAGE}/held-reports"), Role::Finance, &form).await;
    assert_eq!(seen.location(), format!("{PAGE}?done=decided#held"));
    let made = console.made().remove(0);
    let expected =
        json!({"held_id": "amount:90000:IDR:qrpy_1", "ruling": "accepted", "reason": "a surcharge"});
    assert_eq!(
        (made.path.as_str(), made.json()),
        ("/transactions/tra_00000000000000000000000001/held-reports", expected)
    );
    console.get(&format!("{PAGE}?done=decided"), Role::Finance).await.has("Your decision is written down.");
    console.refuses(Method::POST, "/transactions/{id}/held-reports", 422, Some("reason"));
    let seen = console.post(&format!("{PAGE}/held-reports"), Role::Finance, &form[..2]).await;
    seen.is(422).has("reason: expected something else").has("INV-1");
    console.refuses(Method::POST, "/transactions/{id}/held-reports", 403, None);
    console.post(&format!("{PAGE}/held-reports"), Role::Operations, &form).await.is(403);
}

#[tokio::test]
async fn what_was_decided_says_who_and_why() {
    let decision =
        json!({"ruling": "dismissed", "by": CLIENT, "at": "2026-11-20T04:30:00Z", "reason": HOSTILE});
    let console = console(&samples::transaction(), &[held(&decision)], &[]);
    let seen = console.get(PAGE, Role::Finance).await;
    seen.has(&format!("dismissed by {CLIENT}: {HOSTILE_SHOWN}"))
        .has("Accept it after all")
        .lacks("Dismiss 90,000");
}

#[tokio::test]
async fn a_kept_callback_shows_what_it_would_change_before_it_does() {
    let console = console(&samples::transaction(), &[], &paid_in_time());
    console.get(PAGE, Role::Engineering).await.has("Read it again").has(&format!("value=\"{ENTRY}\""));
    let replay = |applied: bool| {
        json!({"status": true, "replay": {"transaction_id": TRANSACTION, "entry_id": ENTRY, "provider_id": PROVIDER,
            "received_at": "2026-11-20T04:00:00Z", "then": null, "now": {"status": "PAID"}, "applied": applied,
            "differences": {"status": {"then": null, "now": HOSTILE}}}})
    };
    console.answers(Method::POST, "/callbacks/replay", 200, replay(false));
    console.made();
    let form = [("entry_id", ENTRY)];
    let seen = console.post(&format!("{PAGE}/replay"), Role::Engineering, &form).await;
    seen.is(200).has("needs the permission providers:write").lacks("Apply it").lacks("<script>alert");
    assert_eq!(console.made()[0].json()["apply"], false);
    console
        .post(&format!("{PAGE}/replay"), Role::Admin, &form)
        .await
        .has("Apply it")
        .has("name=\"idempotency_key\"");
    console.answers(Method::POST, "/callbacks/replay", 200, replay(true)).made();
    let form = [("entry_id", ENTRY), ("apply", "true"), ("idempotency_key", "k-1")];
    let seen = console.post(&format!("{PAGE}/replay"), Role::Admin, &form).await;
    assert_eq!(seen.location(), format!("{PAGE}?done=replayed#timeline"));
    let made = console.made().remove(0);
    assert_eq!(
        (made.json()["apply"].clone(), &made.headers["idempotency-key"]),
        (json!(true), &"k-1".parse().unwrap())
    );
}

const ENDPOINT: &str = "whe_00000000000000000000000001";
const DELIVERY: &str = "whd_00000000000000000000000001";

/// An attempt at a webhook: its entry's last digit, how it was answered, and when it is tried again.
fn told(number: u8, http_status: u16, next: &Value) -> Value {
    let detail = json!({"delivery_id": DELIVERY, "endpoint_id": ENDPOINT, "event": "transaction.updated",
        "attempt": number, "http_status": http_status, "next_attempt_at": next});
    let summary = format!("Webhook attempt {number} answered {http_status}");
    let entry = entry("2026-11-20T11:00:02.000+07:00", "webhook_attempt", ENDPOINT, &summary, detail);
    samples::with(entry, &json!({"id": format!("log_0000000000000000000000000{number}")}))
}

#[tokio::test]
async fn an_attempt_leads_to_its_delivery_and_the_last_one_can_be_replayed() {
    let again = json!("2026-11-20T11:05:00.000+07:00");
    let console = console(&samples::transaction(), &[], &[told(1, 500, &again), told(2, 500, &json!(null))]);
    for role in [Role::Engineering, Role::Admin] {
        let seen = console.get(PAGE, role).await;
        seen.has(&format!("href=\"/v1/console/developers/webhooks/{ENDPOINT}/deliveries/{DELIVERY}\""));
        seen.has(&format!("name=\"delivery_id\" value=\"{DELIVERY}\""));
        assert_eq!(seen.text.matches(">Replay</button>").count(), 1, "the last attempt alone");
    }
    console
        .get(PAGE, Role::Operations)
        .await
        .has("answered 500")
        .lacks("Its delivery")
        .lacks(">Replay</button>");
}

#[tokio::test]
async fn what_is_tried_again_anyway_or_arrived_offers_no_replay() {
    let again = json!("2026-11-20T11:05:00.000+07:00");
    for entries in [vec![told(1, 500, &again)], vec![told(1, 500, &again), told(2, 200, &json!(null))]] {
        let console = console(&samples::transaction(), &[], &entries);
        console.get(PAGE, Role::Engineering).await.has("Its delivery").lacks(">Replay</button>");
    }
    let hostile = samples::with(
        told(1, 500, &json!(null)),
        &json!({"detail": {"delivery_id": HOSTILE, "endpoint_id": HOSTILE, "http_status": 500}}),
    );
    let console = console(&samples::transaction(), &[], &[hostile]);
    console.get(PAGE, Role::Engineering).await.is(200).has(HOSTILE_SHOWN).lacks("<script>alert");
}

#[tokio::test]
async fn a_replayed_webhook_leads_back_to_the_payment() {
    let console = console(&samples::transaction(), &[], &[told(1, 500, &json!(null))]);
    let form = [("endpoint_id", ENDPOINT), ("delivery_id", DELIVERY), ("idempotency_key", "k5")];
    for (counted, done, said) in
        [(1, "webhook-replayed", "in the queue again"), (0, "webhook-waits", "it goes out anyway")]
    {
        let replay = json!({"id": "rpl_00000000000000000000000001", "endpoint_id": ENDPOINT, "state": "RUNNING",
            "counted": counted, "queued": 0, "created_at": "2026-11-20 12:00:00", "finished_at": null});
        let begun = json!({"status": true, "replay": replay});
        console.answers(Method::POST, "/webhook-endpoints/{id}/replay", 201, begun).made();
        let seen = console.post(&format!("{PAGE}/webhooks"), Role::Engineering, &form).await;
        assert_eq!(seen.location(), format!("{PAGE}?done={done}#timeline"));
        let made = console.made().remove(0);
        assert_eq!(made.path, format!("/webhook-endpoints/{ENDPOINT}/replay"));
        assert_eq!(made.json(), json!({"delivery_id": DELIVERY}));
        assert_eq!(made.headers["idempotency-key"], "k5");
        let seen = console.get(&format!("{PAGE}?done={done}"), Role::Engineering).await;
        seen.has(said).has(&format!("href=\"/v1/console{PAGE}#timeline\">Look again"));
    }
    console.refuses(Method::POST, "/webhook-endpoints/{id}/replay", 409, None);
    let seen = console.post(&format!("{PAGE}/webhooks"), Role::Engineering, &form).await;
    seen.is(409).has("expected something else").has("INV-1");
    for role in [Role::Operations, Role::Finance] {
        console.post(&format!("{PAGE}/webhooks"), role, &form).await.is(403);
    }
}

#[tokio::test]
async fn tries_and_other_payments_of_the_order_are_shown() {
    let console = console(&samples::transaction(), &[], &[]);
    let attempt = |id: &str, status: &str, stands: bool| {
        json!({"provider_id": PROVIDER, "provider_name": "Xendit", "provider_transaction_id": id, "status": status,
            "reported_at": "2026-11-20T04:00:00Z", "unpaid_reason": null, "stands": stands})
    };
    let details = json!({"status": true, "transaction": samples::transaction(), "held_reports": [],
        "attempts": [attempt("inv_a", "EXPIRED", false), attempt("inv_b", "PAID", true)]});
    console.shows("/transactions/{id}", details);
    let other = samples::with(
        samples::transaction(),
        &json!({"id": "tra_00000000000000000000000009", "occurrence": 2}),
    );
    let others =
        json!({"status": true, "transactions": [samples::transaction(), other], "next_cursor": null});
    console.shows("/transactions", others);
    let seen = console.get(PAGE, Role::Operations).await;
    seen.has("<code>inv_a</code>").has("stands").has("Other payments of this order (this is occurrence 1)");
    seen.has("/transactions/tra_00000000000000000000000009\"");
}

#[tokio::test]
async fn a_timeline_that_fails_leaves_the_payment() {
    let console = console(&samples::transaction(), &[], &[]);
    console
        .refuses(Method::GET, "/transactions/{id}/logs", 503, None)
        .is_silent(Method::GET, "/transactions");
    let seen = console.get(PAGE, Role::Engineering).await;
    seen.is(200).has("INV-1").has("The API has no answer now.").has("<code>req-api</code>");
}

#[tokio::test]
async fn what_is_not_there_or_cannot_be_read_is_not_found() {
    let console = console(&samples::transaction(), &[], &[]);
    console.refuses(Method::GET, "/transactions/{id}", 404, None);
    console.get(PAGE, Role::Operations).await.is(404).has("There is nothing at this address");
    console.refuses(Method::GET, "/transactions/{id}", 400, Some("id"));
    console.get("/transactions/%3Cscript%3E", Role::Operations).await.is(404).lacks("<script>");
    console.refuses(Method::GET, "/transactions/{id}", 503, None);
    console.get(PAGE, Role::Operations).await.is(503).has("The API has no answer now.");
}

#[tokio::test]
async fn any_id_leads_to_its_page() {
    let console = console(&samples::transaction(), &[], &[]);
    let found = console.get("/find?id=QR_00000000000000000000000001", Role::Operations).await;
    assert_eq!(found.location(), PAGE);
    console.refuses(Method::GET, "/transactions/{id}", 400, Some("id"));
    console.shows(
        "/transactions/record/{reference}",
        json!({"status": true, "transaction": samples::transaction()}),
    );
    assert_eq!(console.get("/find?id=INV%2F1", Role::Operations).await.location(), PAGE);
    assert!(console.made_lines().contains(&"GET /transactions/record/INV%2F1".to_owned()));
    console.refuses(Method::GET, "/transactions/record/{reference}", 404, None);
    let seen = console.get("/find?id=qrpy%201", Role::Operations).await;
    assert_eq!(seen.location(), "/transactions?tab=all&provider_transaction_id=qrpy+1");
}
