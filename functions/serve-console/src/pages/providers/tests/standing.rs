use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use super::{console_with, provider, provider_with};
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER};

fn status() -> String {
    format!("/providers/{PROVIDER}/status")
}

const OUT: &[(&str, &str)] =
    &[("version", "3"), ("status", "INACTIVE"), ("reason", "not used any more"), ("pin", "true")];

#[tokio::test]
async fn the_form_is_for_the_status_that_was_chosen() {
    let console = console_with(&provider());
    let seen = console.get(&format!("{}?to=INACTIVE", status()), Role::Operations).await;
    seen.is(200).has("<option value=\"INACTIVE\" selected>").has("class=\"danger\"").has("value=\"3\"");
    seen.has("Set the status of Brick").has("added, by cli_00000000000000000000000001");
    console
        .get(&format!("{}?to=nothing", status()), Role::Operations)
        .await
        .has("<option value=\"MAINTENANCE\" selected>")
        .lacks("class=\"danger\"");
}

#[tokio::test]
async fn a_status_is_set_with_its_reason() {
    let console = console_with(&provider());
    let answer = json!({"status": true, "provider": provider_with(&json!({"status": "INACTIVE"}))});
    console.answers(Method::POST, "/providers/{id}/status", 200, answer);
    let seen = console.post(&status(), Role::Operations, OUT).await;
    assert_eq!(seen.location(), format!("/providers/{PROVIDER}?done=status"));
    let [made] = console.made().try_into().unwrap();
    assert_eq!(made.json(), json!({"status": "INACTIVE", "reason": "not used any more", "pin": true}));
    assert_eq!(made.headers["if-match"], "\"3\"");
}

#[tokio::test]
async fn what_is_refused_stays_filled_in() {
    let console = console_with(&provider_with(&json!({"status_reason": HOSTILE})));
    for status_code in [400, 409, 422] {
        console.refuses(Method::POST, "/providers/{id}/status", status_code, Some("reason"));
        let seen = console.post(&status(), Role::Operations, OUT).await;
        seen.is(status_code).has("<strong class=\"bad\">expected something else</strong>");
        seen.has("value=\"not used any more\"").has("name=\"pin\" value=\"true\" checked");
        seen.has("<option value=\"INACTIVE\" selected>").has(HOSTILE_SHOWN).lacks("<script>");
    }
}

/// Monitoring may have been faster.
#[tokio::test]
async fn another_version_is_shown_before_its_status_is_set() {
    let theirs = json!({"status": "MAINTENANCE", "status_reason": "it failed", "version": 4});
    let console = console_with(&provider_with(&theirs));
    console.refuses(Method::POST, "/providers/{id}/status", 412, None);
    let seen = console.post(&status(), Role::Operations, OUT).await;
    seen.is(412)
        .has("you saw version 3, it is at version 4 now")
        .has("You wanted INACTIVE; it is MAINTENANCE now.");
    seen.has("it failed").has("name=\"version\" value=\"4\"").has("value=\"not used any more\"");
}

#[tokio::test]
async fn only_those_who_may_change_are_asked() {
    let console = console_with(&provider());
    for role in [Role::Engineering, Role::Finance] {
        console.get(&status(), role).await.is(403);
        console.post(&status(), role, OUT).await.is(403);
    }
    assert_eq!(console.made_lines(), [""; 0]);
}
