use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::testing::Console;
use crate::testing::samples::{self, CLIENT, HOSTILE, HOSTILE_SHOWN};

fn client() -> Value {
    json!({
        "id": CLIENT, "name": "The shop", "role": "finance",
        "scopes": ["transactions:read", "reconciliation:read", "reconciliation:write", "providers:read"],
        "allowed_addresses": ["203.0.113.0/24"], "created_at": "2026-11-20 10:30:00", "last_used_at": null,
        "previous_secret_valid_until": null, "revoked_at": null,
    })
}

fn listed(clients: &[Value]) -> Value {
    json!({"status": true, "clients": clients, "next_cursor": null})
}

fn one(client: &Value) -> Value {
    json!({"status": true, "client": client})
}

fn page() -> String {
    format!("/developers/clients/{CLIENT}")
}

#[tokio::test]
async fn clients_are_listed_with_one_request() {
    let console = Console::open();
    let fewer = json!({"scopes": ["transactions:read"], "allowed_addresses": [], "last_used_at": "2026-11-20 11:00:00",
        "previous_secret_valid_until": "2026-11-21 10:00:00"});
    let gone = json!({"revoked_at": "2026-11-20 11:00:00"});
    let clients = [client(), samples::with(client(), &fewer), samples::with(client(), &gone)];
    console.shows("/clients", listed(&clients));
    let seen = console.get("/developers/clients", Role::Admin).await;
    seen.is(200).has("The shop").has("203.0.113.0/24").has("never").has("active").has("revoked");
    seen.has("from anywhere")
        .has("only transactions:read")
        .has("active, and the secret of before is good until");
    seen.has(&format!("href=\"/v1/console/developers/clients/{CLIENT}\"")).has("3 rows");
    assert_eq!(console.made_lines(), ["GET /clients?limit=50"]);
}

#[tokio::test]
async fn a_list_without_an_answer_says_so() {
    let console = Console::open();
    console.is_silent(Method::GET, "/clients");
    let seen = console.get("/developers/clients", Role::Admin).await;
    seen.is(200).has("The API has no answer now.").has("+ Add client");
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let console = Console::open();
    let hostile = samples::with(client(), &json!({"name": HOSTILE}));
    console.shows("/clients", listed(std::slice::from_ref(&hostile))).shows("/clients/{id}", one(&hostile));
    for path in ["/developers/clients", &page()] {
        console.get(path, Role::Admin).await.is(200).has(HOSTILE_SHOWN).lacks("<script>");
    }
}

#[tokio::test]
async fn a_client_is_added_and_its_secret_shown_this_once() {
    let console = Console::open();
    let seen = console.get("/developers/clients/new", Role::Admin).await;
    seen.is(200)
        .has("name=\"idempotency_key\"")
        .has("value=\"audit:read\"")
        .has("<option value=\"operations\">");
    let created = samples::with(client(), &json!({"secret": "pws_c2VjcmV0"}));
    console.answers(Method::POST, "/clients", 201, one(&created));
    let form = [
        ("name", "The shop"),
        ("role", "finance"),
        ("scopes", "transactions:read"),
        ("scopes", "providers:read"),
        ("allowed_addresses", "203.0.113.0/24\r\n2001:db8::1, 198.51.100.7"),
        ("idempotency_key", "k1"),
    ];
    let seen = console.post("/developers/clients/new", Role::Admin, &form).await;
    seen.is(200).has("<code>pws_c2VjcmV0</code>").has("it is not shown again").has(CLIENT);
    let made = console.made();
    assert_eq!(
        (made.len(), made[0].json()),
        (
            1,
            json!({
                "name": "The shop", "role": "finance", "scopes": ["transactions:read", "providers:read"],
                "allowed_addresses": ["203.0.113.0/24", "2001:db8::1", "198.51.100.7"],
            })
        )
    );
    assert_eq!(made[0].headers["idempotency-key"], "k1");
    let form = [("name", "The shop"), ("role", "admin")];
    console.post("/developers/clients/new", Role::Admin, &form).await.is(200);
    let body = console.made()[0].json();
    assert_eq!(body, json!({"name": "The shop", "role": "admin", "scopes": null, "allowed_addresses": null}));
}

#[tokio::test]
async fn a_refused_client_is_shown_again_as_it_was_filled_in() {
    let console = Console::open();
    for (status, field) in [(400, Some("allowed_addresses")), (409, None), (422, Some("scopes"))] {
        console.refuses(Method::POST, "/clients", status, field);
        let form =
            [("name", HOSTILE), ("role", "operations"), ("scopes", "logs:read"), ("idempotency_key", "k1")];
        let seen = console.post("/developers/clients/new", Role::Admin, &form).await;
        seen.is(status).has(HOSTILE_SHOWN).has("value=\"logs:read\" checked").has("value=\"k1\"");
        seen.has("<option value=\"operations\" selected>").has("expected something else");
    }
}

#[tokio::test]
async fn a_client_has_a_page_with_what_can_be_done() {
    let console = Console::open();
    console.shows("/clients/{id}", one(&client()));
    let seen = console.get(&page(), Role::Admin).await;
    seen.is(200).has("reconciliation:write").has("Revoke The shop for good").has("New secret for The shop");
    seen.has(&format!("/developers/audit?by={CLIENT}"));
    assert_eq!(console.made_lines(), [format!("GET /clients/{CLIENT}")]);
    let gone = samples::with(client(), &json!({"revoked_at": "2026-11-20 11:00:00"}));
    console.shows("/clients/{id}", one(&gone));
    let seen = console.get(&format!("{}?done=revoked", page()), Role::Admin).await;
    seen.has("The client is revoked.").lacks("New secret").lacks("for good");
    for status in [400, 404] {
        console.refuses(Method::GET, "/clients/{id}", status, None);
        console.get("/developers/clients/unknown", Role::Admin).await.is(404);
    }
}

#[tokio::test]
async fn another_secret_is_shown_once_and_the_old_one_stays_good_for_as_long_as_was_chosen() {
    let console = Console::open();
    let rotated = samples::with(
        client(),
        &json!({"secret": "pws_bmV3", "previous_secret_valid_until": "2026-11-20 13:00:00"}),
    );
    console.answers(Method::POST, "/clients/{id}/rotate-secret", 200, one(&rotated));
    let form = [("previous_secret_valid_seconds", "3600"), ("idempotency_key", "k2")];
    let seen = console.post(&format!("{}/rotate", page()), Role::Admin, &form).await;
    seen.is(200).has("<code>pws_bmV3</code>").has("it is not shown again");
    let made = console.made();
    assert_eq!(made[0].path, format!("/clients/{CLIENT}/rotate-secret"));
    assert_eq!(made[0].json(), json!({"previous_secret_valid_seconds": 3600}));
    assert_eq!(made[0].headers["idempotency-key"], "k2");
    console.shows("/clients/{id}", one(&client()));
    for status in [400, 409, 422] {
        let field = Some("previous_secret_valid_seconds");
        console.refuses(Method::POST, "/clients/{id}/rotate-secret", status, field);
        let seen = console.post(&format!("{}/rotate", page()), Role::Admin, &form).await;
        seen.is(status).has("expected something else").has("value=\"3600\" selected").has("value=\"k2\"");
        seen.has("<details open>");
    }
}

#[tokio::test]
async fn a_client_is_revoked_or_it_is_said_why_not() {
    let console = Console::open();
    let gone = samples::with(client(), &json!({"revoked_at": "2026-11-20 12:00:00"}));
    console.answers(Method::DELETE, "/clients/{id}", 200, one(&gone));
    let seen = console.post(&format!("{}/revoke", page()), Role::Admin, &[]).await;
    assert_eq!(seen.location(), format!("{}?done=revoked", page()));
    assert_eq!(console.made_lines(), [format!("DELETE /clients/{CLIENT}")]);
    console.refuses(Method::DELETE, "/clients/{id}", 409, None).shows("/clients/{id}", one(&client()));
    let seen = console.post(&format!("{}/revoke", page()), Role::Admin, &[]).await;
    seen.is(409).has("expected something else").has("<details open>");
}

#[tokio::test]
async fn who_may_not_is_shown_nothing_of_it() {
    let console = Console::open();
    for role in [Role::Merchant, Role::Operations, Role::Finance, Role::Engineering] {
        for path in ["/developers/clients", "/developers/clients/new", &page()] {
            console.get(path, role).await.is(403);
        }
        for path in ["/developers/clients/new", &format!("{}/rotate", page()), &format!("{}/revoke", page())]
        {
            console.post(path, role, &[]).await.is(403);
        }
    }
    console.post(&page(), Role::Admin, &[]).await.is(404);
    console.get(&format!("{}/other", page()), Role::Admin).await.is(404);
    assert_eq!(console.get(&format!("{}/rotate", page()), Role::Admin).await.location(), page());
    assert!(console.made().is_empty());
}
