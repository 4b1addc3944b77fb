use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use super::{console_with, provider, provider_with};
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER};

fn path() -> String {
    format!("/providers/{PROVIDER}")
}

fn outcomes() -> Value {
    let period = |period: &str, refused: u64| {
        json!({"period": period, "payments_recorded": 1200, "succeeded": 900, "failed": 300, "success_share": "0.75",
            "median_seconds_to_success": 90, "callbacks_received": 1100, "callbacks_refused": refused})
    };
    json!({"status": true, "outcomes": {
        "provider_id": PROVIDER, "at": "2026-11-20T12:00:00+07:00", "provider_status": "ACTIVE", "status_reason": "added",
        "silent_minutes": 35, "periods": [period("hour", 0), period("day", 7), period("week", 7)],
        "monitoring": {
            "judges": true,
            "failures": {"window_minutes": 15, "outcomes": 40, "failed": 18, "failed_per_mille": 450,
                "usual_failed_per_mille": 25, "limit_failed_per_mille": 400},
            "silence": {"silent_minutes": 35, "usual_callbacks": 60}, "silence_excused": "another is silent too",
            "checks_with_trouble": 2, "checks_without_trouble": 0, "checks_to_decide": 3, "trips": 1,
        },
    }})
}

fn history(next: Option<&str>) -> Value {
    let change = json!({
        "version": 3, "at": "2026-11-20T11:00:00+07:00", "by": "automation", "kind": "status_changed", "from": "ACTIVE",
        "to": "MAINTENANCE", "reason": "40 % of payments failed",
        "changes": {"fee": {"from": null, "to": {"type": "FLAT", "value": "1000", "currency": null}}},
        "numbers": {"failed": 18},
    });
    json!({"status": true, "history": [change], "next_cursor": next})
}

fn console(provider: &Value) -> Console {
    let console = console_with(provider);
    console.shows("/providers/{id}/outcomes", outcomes());
    console.shows("/providers/{id}/history", history(None));
    console
}

/// Four requests, at once.
#[tokio::test]
async fn the_page_says_what_it_is_how_it_does_and_what_was_done() {
    let console = console(&provider());
    let seen = console.get(&path(), Role::Operations).await;
    seen.is(200).has("added, by cli_00000000000000000000000001").has("Books close at 23:00 (Asia/Jakarta)");
    seen.has("75 %")
        .has("1 min")
        .has("1,200")
        .has("18 of 40 in 15 min failed: 45 %; usually 2.5 %, trouble from 40 %");
    seen.has("Silent for 35 min, a time that usually brings 60 callbacks").has("another is silent too");
    seen.has("2 with trouble and 0 without, running; 3 decide")
        .has("0.7 % of 100,000 = 700")
        .has("flat 1,000");
    seen.has("Client key").has("b3f1").has("set, …cret").has("Token in the callback address");
    seen.has("automation").has("40 % of payments failed").has("fee: nothing → type FLAT, value 1000");
    seen.has("The numbers it rests on").lacks("Older changes");
    seen.has(&format!("href=\"/v1/console/transactions?provider_id={PROVIDER}&#38;tab=all\""));
    seen.has(&format!("href=\"/v1/console/unmatched-callbacks?provider_id={PROVIDER}\""));
    let mut made = console.made_lines();
    made.sort();
    let expected =
        ["/provider-types", "/providers/PRV", "/providers/PRV/history?limit=20", "/providers/PRV/outcomes"];
    assert_eq!(made, expected.map(|path| format!("GET {}", path.replace("PRV", PROVIDER))));
}

/// A change by monitoring rests on numbers; one by a person does not.
#[tokio::test]
async fn the_numbers_that_caused_a_status_stand_beside_it() {
    let out = provider_with(&json!({"status": "MAINTENANCE", "status_changed_by": "automation"}));
    let console = console(&out);
    console.get(&path(), Role::Operations).await.has("The numbers that caused it").has(">failed 18<");
    console.shows("/providers/{id}", json!({"status": true, "provider": provider()}));
    console.get(&path(), Role::Operations).await.lacks("The numbers that caused it");
}

#[tokio::test]
async fn the_example_is_of_whatever_amount() {
    let console = console(&provider());
    let seen =
        console.get(&format!("{}?example.amount=12345&example.currency=IDR", path()), Role::Finance).await;
    seen.has("0.7 % of 12,345 = 86.415").has("86 <abbr>IDR</abbr>").has("11 % of 86 = 9.46");
    let seen =
        console.get(&format!("{}?example.amount=100&example.currency=ZAR", path()), Role::Finance).await;
    seen.has("The fee is in another currency").has("rounded half up to 2 decimals of ZAR");
    let nothing = provider_with(&json!({"fee": null, "tax": null, "overrides": {}}));
    console.shows("/providers/{id}", json!({"status": true, "provider": nothing}));
    console.get(&path(), Role::Finance).await.has("No fee is known.");
}

#[tokio::test]
async fn a_part_that_fails_leaves_the_others() {
    let console = console(&provider());
    console.is_silent(Method::GET, "/providers/{id}/outcomes").is_silent(Method::GET, "/provider-types");
    console.refuses(Method::GET, "/providers/{id}/history", 503, None);
    let seen = console.get(&path(), Role::Operations).await;
    seen.is(200).has("Books close at 23:00").has("The API has no answer now.").has("0.7 % of 100,000");
    console.refuses(Method::GET, "/providers/{id}", 404, None);
    console.get(&path(), Role::Operations).await.is(404);
    console.refuses(Method::GET, "/providers/{id}", 400, Some("id"));
    console.get("/providers/nonsense", Role::Operations).await.is(404);
}

#[tokio::test]
async fn history_goes_on() {
    let console = console(&provider());
    console.shows("/providers/{id}/history", history(Some("a/b")));
    let seen = console.get(&format!("{}?history=x", path()), Role::Operations).await;
    seen.has(&format!("href=\"/v1/console/providers/{PROVIDER}?history=a%2Fb#history\""))
        .has("Newest changes");
    assert!(console.made_lines().contains(&format!("GET /providers/{PROVIDER}/history?limit=20&cursor=x")));
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let hostile = json!({"name": HOSTILE, "status_reason": HOSTILE, "status_changed_by": HOSTILE, "callback_url": HOSTILE,
        "credentials": {"client_id": {"set": true, "value": HOSTILE, "last4": HOSTILE, "updated_at": "2026-11-19T10:00:00+07:00"}}});
    let console = console(&provider_with(&hostile));
    let seen = console.get(&format!("{}?done={HOSTILE}", path()), Role::Admin).await;
    seen.is(200).has(HOSTILE_SHOWN).lacks("<script>");
}

#[tokio::test]
async fn what_somebody_may_not_do_is_not_shown() {
    let console = console(&provider());
    let seen = console.get(&path(), Role::Finance).await;
    seen.is(200).lacks("/edit\"").lacks("Delete Brick").lacks("unmatched");
    console.get(&path(), Role::Merchant).await.is(403);
    let seen = console.get(&format!("{}?done=status", path()), Role::Operations).await;
    seen.has("The status is set").has("Deactivate").has("It is ACTIVE now.").lacks("class=\"danger\"");
}

#[tokio::test]
async fn an_inactive_one_can_be_deleted_and_the_refusal_says_why_not() {
    let console = console(&provider_with(&json!({"status": "INACTIVE"})));
    let delete = format!("{}/delete", path());
    console.get(&path(), Role::Operations).await.has("Delete Brick for good").has("class=\"danger\"");
    console.made();
    console.answers(Method::DELETE, "/providers/{id}", 200, json!({"status": true}));
    let seen = console.post(&delete, Role::Operations, &[("version", "3")]).await;
    assert_eq!(seen.location(), "/providers?done=deleted");
    let [made] = console.made().try_into().unwrap();
    assert_eq!((made.headers["if-match"].to_str().unwrap(), made.body.as_str()), ("\"3\"", ""));
    console.refuses(Method::DELETE, "/providers/{id}", 409, None);
    let seen = console.post(&delete, Role::Operations, &[("version", "3")]).await;
    seen.is(409).has("expected something else").has("Books close at");
    console.refuses(Method::DELETE, "/providers/{id}", 412, None);
    console.post(&delete, Role::Operations, &[("version", "2")]).await.is(412).has("so it was not deleted");
    console.post(&delete, Role::Finance, &[("version", "3")]).await.is(403);
}
