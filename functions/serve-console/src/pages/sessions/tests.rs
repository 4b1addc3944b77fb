use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, CLIENT, HOSTILE, HOSTILE_SHOWN};

const SESSION: &str = "ses_00000000000000000000000001";

fn session() -> Value {
    json!({
        "id": SESSION, "client_id": CLIENT, "person_id": null, "person_name": null, "scopes": null,
        "address": "203.0.113.9", "created_at": "2026-11-20 10:30:00", "last_used_at": "2026-11-20 11:50:00",
        "good_until": "2026-11-20 12:20:00", "ends_at": "2026-11-20 22:30:00", "revoked_at": null,
    })
}

/// A console before an API that knows one client by name.
fn console() -> Console {
    let console = Console::open();
    let client = json!({
        "id": CLIENT, "name": "The shop", "role": "merchant", "scopes": ["transactions:read"], "allowed_addresses": [],
        "created_at": "2026-11-20 10:30:00", "last_used_at": null, "previous_secret_valid_until": null, "revoked_at": null,
    });
    console.shows("/clients", json!({"status": true, "clients": [client], "next_cursor": null}));
    console
}

fn listed(sessions: &[Value]) -> Value {
    json!({"status": true, "sessions": sessions, "next_cursor": null})
}

#[tokio::test]
async fn sessions_are_listed_with_two_requests() {
    let console = console();
    let person = json!({"client_id": null, "person_id": "usr_00000000000000000000000001", "person_name": "Sri",
        "scopes": ["transactions:read"]});
    let yours = json!({"client_id": "cli_0000000000000000000000001a"});
    let gone = json!({"revoked_at": "2026-11-20 11:55:00"});
    let sessions = [&person, &yours, &gone].map(|members| samples::with(session(), members));
    console.shows("/sessions", listed(&sessions));
    let seen = console.get("/developers/sessions", Role::Admin).await;
    seen.is(200)
        .has("Sri")
        .has("usr_00000000000000000000000001")
        .has("203.0.113.9")
        .has("only transactions:read");
    seen.has("in 20 min").has(" you</span>").has(" ended</span>").has(&format!("End {SESSION}"));
    seen.has(&format!("href=\"/v1/console/developers/clients/{CLIENT}\""));
    seen.has("The shop");
    assert_eq!(console.made_lines(), ["GET /sessions?limit=50", "GET /clients?limit=100"]);
}

#[tokio::test]
async fn a_list_without_an_answer_says_so() {
    let console = console();
    console.shows("/sessions", listed(&[session()])).is_silent(Method::GET, "/clients");
    console.get("/developers/sessions", Role::Admin).await.is(200).has(SESSION).lacks("The shop");
    console.is_silent(Method::GET, "/sessions");
    console.get("/developers/sessions", Role::Admin).await.is(200).has("The API has no answer now.");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let console = console();
    console.shows(
        "/sessions",
        listed(&[samples::with(session(), &json!({"person_name": HOSTILE, "address": HOSTILE}))]),
    );
    console.get("/developers/sessions", Role::Admin).await.has(HOSTILE_SHOWN).lacks("<script>");
}

#[tokio::test]
async fn a_session_is_ended_or_it_is_said_why_not() {
    let console = console();
    let gone = samples::with(session(), &json!({"revoked_at": "2026-11-20 12:00:00"}));
    console.answers(Method::DELETE, "/sessions/{id}", 200, json!({"status": true, "session": gone}));
    let path = format!("/developers/sessions/{SESSION}/end");
    let seen = console.post(&path, Role::Admin, &[]).await;
    assert_eq!(seen.location(), "/developers/sessions?done=ended");
    assert_eq!(console.made_lines(), [format!("DELETE /sessions/{SESSION}")]);
    console.shows("/sessions", listed(&[]));
    let seen = console.get("/developers/sessions?done=ended", Role::Admin).await;
    seen.has("The session is ended.").has("Nobody is signed in.");
    for status in [400, 404] {
        console.refuses(Method::DELETE, "/sessions/{id}", status, None);
        console.post(&path, Role::Admin, &[]).await.is(status).has("expected something else");
    }
}

#[tokio::test]
async fn who_may_not_is_shown_nothing_of_it() {
    let console = Console::open();
    for role in [Role::Merchant, Role::Operations, Role::Finance, Role::Engineering] {
        console.get("/developers/sessions", role).await.is(403);
        console.post(&format!("/developers/sessions/{SESSION}/end"), role, &[]).await.is(403);
    }
    console.get("/developers/sessions/other", Role::Admin).await.is(404);
    let seen = console.get(&format!("/developers/sessions/{SESSION}/end"), Role::Admin).await;
    assert_eq!(seen.location(), "/developers/sessions");
    console.post("/developers/sessions", Role::Admin, &[]).await.is(404);
    assert!(console.made().is_empty());
}
