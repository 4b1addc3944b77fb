use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION};

const ENTRY: &str = "log_00000000000000000000000001";

fn log(detail: &Value) -> Value {
    json!({"id": ENTRY, "at": "2026-11-20T11:00:00.389+07:00", "kind": "provider_message", "source": PROVIDER,
        "summary": HOSTILE, "detail": detail, "request_id": "req-1"})
}

fn listed(decided: bool, detail: &Value) -> Value {
    json!({"provider_id": PROVIDER, "provider_name": "Xendit", "decided": decided, "log": log(detail)})
}

fn console() -> Console {
    let console = Console::open();
    let waits =
        json!({"applied_to": null, "reported": {"status": "PAID", "provider_transaction_id": "ewc_1"}});
    let decision =
        json!({"by": "usr_1", "at": "2026-11-20T04:10:00Z", "reason": HOSTILE, "bound_to": TRANSACTION});
    let decided = json!({"applied_to": TRANSACTION, "decision": decision});
    let found = [listed(false, &waits), listed(true, &decided)];
    console.shows(
        "/unmatched-callbacks",
        json!({"status": true, "unmatched_callbacks": found, "next_cursor": null}),
    );
    let logs = [log(&waits), log(&decided)];
    console.shows(
        "/providers/{id}/unmatched-callbacks",
        json!({"status": true, "logs": logs, "next_cursor": null}),
    );
    let name = samples::with(crate::pages::providers::sample(), &json!({"name": "Xendit"}));
    console.shows("/providers", json!({"status": true, "providers": [name], "next_cursor": null}));
    console
}

fn callback(reports: &[Value], applied: bool) -> Value {
    json!({"status": true, "unmatched_callback": {"entry_id": ENTRY, "provider_id": PROVIDER,
        "received_at": "2026-11-20T11:00:00.389+07:00", "reports": reports, "transaction_id": null, "applied": applied}})
}

fn report(members: &Value) -> Value {
    let report = json!({"status": "PAID", "occurred_at": "2026-11-20T04:00:00Z", "amount": "70000", "currency": "IDR",
        "provider_transaction_id": "ewc_1", "code": null, "message": HOSTILE});
    samples::with(report, members)
}

/// A console before an API that has this callback, and the transaction that it may be of.
fn deciding(reports: &[Value]) -> Console {
    let console = console();
    console.answers(Method::POST, DECISION, 200, callback(reports, false));
    let transaction =
        json!({"status": true, "transaction": samples::transaction(), "attempts": [], "held_reports": []});
    console.shows("/transactions/{id}", transaction);
    console
}

const DECISION: &str = "/providers/{id}/unmatched-callbacks/{entry_id}";

fn path(query: &str) -> String {
    format!("/unmatched-callbacks/{PROVIDER}/{ENTRY}{query}")
}

/// Two requests: the callbacks of the day, and the names of the filter.
#[tokio::test]
async fn a_day_of_all_providers_is_shown() {
    let console = console();
    let seen = console.get("/unmatched-callbacks?day=2026-11-19&decided=false", Role::Operations).await;
    seen.is(200)
        .has("Xendit")
        .has("ewc_1")
        .has("waits")
        .has("applied to")
        .has("bound to")
        .has("Decided by usr_1");
    seen.has(HOSTILE_SHOWN).lacks("<script>").has("Received on 2026-11-19, on the clocks of Asia/Jakarta");
    seen.has("?decided=false&#38;day=2026-11-18\"").has("?decided=false&#38;day=2026-11-20\"");
    seen.has(&format!("href=\"/v1/console{}\"", path("?day=2026-11-20"))).has("2 rows, 11:00:00 – 11:00:00");
    let mut made = console.made_lines();
    made.sort();
    let expected = ["/providers?limit=100", "/unmatched-callbacks?limit=50&day=2026-11-19&decided=false"];
    assert_eq!(made, expected.map(|path| format!("GET {path}")));
    let today = console.get("/unmatched-callbacks", Role::Operations).await;
    today.has("Received on 2026-11-20").lacks("The day after");
}

/// That is another list of the API, which does not tell apart what is decided.
#[tokio::test]
async fn a_day_of_one_provider_is_filtered_here() {
    let console = console();
    for (decided, has, lacks) in [("false", "waits", "bound to"), ("true", "bound to", "waits<")] {
        let query = format!("/unmatched-callbacks?provider_id={PROVIDER}&decided={decided}");
        let seen = console.get(&query, Role::Engineering).await;
        seen.is(200).has(has).lacks(lacks).has(">Xendit</a>").has("1 row").lacks("replay or bind");
        let path = format!("GET /providers/{PROVIDER}/unmatched-callbacks?limit=50");
        assert!(console.made_lines().contains(&path));
    }
}

#[tokio::test]
async fn a_part_that_fails_leaves_the_others() {
    let console = console();
    console.is_silent(Method::GET, "/unmatched-callbacks").is_silent(Method::GET, "/providers");
    let seen = console.get("/unmatched-callbacks", Role::Operations).await;
    seen.is(200).has("The API has no answer now.").has("The day before");
    console.refuses(Method::GET, "/unmatched-callbacks", 400, Some("day"));
    let seen = console.get("/unmatched-callbacks?day=soon", Role::Operations).await;
    seen.is(200).has("day: expected something else").has("value=\"soon\"");
    for role in [Role::Finance, Role::Merchant] {
        console.get("/unmatched-callbacks", role).await.is(403);
    }
}

/// Looking is one request, which applies nothing; a second reads the transaction.
#[tokio::test]
async fn what_it_would_change_is_shown_before_it_is_bound() {
    let console = deciding(&[report(&json!({}))]);
    let seen = console.get(&path("?day=2026-11-20"), Role::Operations).await;
    seen.is(200)
        .has("70,000 <abbr>IDR</abbr>")
        .has("ewc_1")
        .has("Replay it as it is")
        .has("Show what it would change");
    seen.has(HOSTILE_SHOWN).lacks("<script>").lacks("Bind it to INV-1");
    let [made] = console.made().try_into().unwrap();
    assert_eq!(made.json(), json!({"day": "2026-11-20"}));
    let query = format!("?day=2026-11-20&transaction_id={TRANSACTION}");
    let seen = console.get(&path(&query), Role::Operations).await;
    seen.has("It changes, if it may follow what there is")
        .has("PENDING")
        .has("75,000")
        .has("differs: it would be held");
    seen.has("Bind it to INV-1").has(&format!("name=\"transaction_id\" value=\"{TRANSACTION}\""));
    assert_eq!(console.made().len(), 2);
}

#[tokio::test]
async fn what_differs_not_is_not_said_to_differ() {
    let same = json!({"status": "PENDING", "amount": "75000.00", "message": null});
    let query = format!("?transaction_id={TRANSACTION}");
    let seen = deciding(&[report(&same)]).get(&path(&query), Role::Admin).await;
    seen.has("It stays").lacks("differs");
    let refund = json!({"status": null, "amount": null, "currency": null, "message": null});
    let seen = deciding(&[report(&refund)]).get(&path(&query), Role::Admin).await;
    seen.has("the callback alone does not say").lacks("differs");
}

#[tokio::test]
async fn it_is_replayed_or_bound_with_a_reason() {
    let console = deciding(&[]);
    console.answers(Method::POST, DECISION, 200, callback(&[], true));
    let form = [("day", "2026-11-20"), ("reason", "again")];
    let seen = console.post(&path(""), Role::Operations, &form).await;
    assert_eq!(seen.location(), "/unmatched-callbacks?day=2026-11-20&done=replayed");
    let bind = [("day", "2026-11-20"), ("reason", "on the phone"), ("transaction_id", TRANSACTION)];
    let seen = console.post(&path(""), Role::Operations, &bind).await;
    assert_eq!(seen.location(), "/unmatched-callbacks?day=2026-11-20&done=bound");
    let made: Vec<Value> = console.made().iter().map(crate::testing::Made::json).collect();
    let replayed = json!({"apply": true, "day": "2026-11-20", "reason": "again"});
    let bound =
        json!({"apply": true, "day": "2026-11-20", "reason": "on the phone", "transaction_id": TRANSACTION});
    assert_eq!(made, [replayed, bound]);
    console
        .get("/unmatched-callbacks?done=bound", Role::Operations)
        .await
        .has("as a report of that transaction");
}

/// The form and the look at the callback behind it are the same operation of the API, so both are refused here.
#[tokio::test]
async fn what_is_refused_is_shown_with_its_status() {
    let console = deciding(&[]);
    for status in [400, 409, 422] {
        console.refuses(Method::POST, DECISION, status, Some("entry_id"));
        let form = [("day", "2026-11-20"), ("reason", "r"), ("transaction_id", TRANSACTION)];
        let seen = console.post(&path(""), Role::Operations, &form).await;
        seen.is(status).has("entry_id: expected something else").has("Back to the list");
    }
    console.refuses(Method::POST, DECISION, 404, None);
    console.post(&path(""), Role::Operations, &[("reason", "r")]).await.is(404);
    console.is_silent(Method::POST, DECISION);
    console.get(&path(""), Role::Operations).await.is(200).has("The API has no answer now.");
}

#[tokio::test]
async fn where_nothing_is_reported_nothing_can_be_done() {
    let console = deciding(&[]);
    let seen = console.get(&path(""), Role::Operations).await;
    seen.is(200).has("there is nothing to replay or to bind").lacks("<form class=\"form\"");
    for role in [Role::Engineering, Role::Finance] {
        console.get(&path(""), role).await.is(403);
        console.post(&path(""), role, &[("reason", "r")]).await.is(403);
    }
}
