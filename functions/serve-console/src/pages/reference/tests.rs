use std::collections::BTreeSet;

use http::Method;
use paywarden_domain::access::Role;
use serde_json::json;

use super::document::{self, Access};
use super::{example, schema};
use crate::testing::samples::{self, CLIENT, HOSTILE, HOSTILE_SHOWN};
use crate::testing::{Console, Seen};

const PAGE: &str = "/developers/api";

async fn look(path: &str, role: Role) -> Seen {
    Console::open().get(&format!("{PAGE}{path}"), role).await
}

fn clients() -> serde_json::Value {
    json!({"status": true, "clients": [], "next_cursor": null})
}

#[tokio::test]
async fn every_operation_is_listed_by_what_it_is_about() {
    let console = Console::open();
    let seen = console.get(PAGE, Role::Merchant).await;
    seen.is(200).has("id=\"transactions\"").has("<code>POST /oauth/token</code>").has("no token");
    seen.has("href=\"https://pay.example.com/v1/openapi.json\"").has("<code>x-correlation-id</code>");
    for operation in document::operations() {
        seen.has(&format!("href=\"/v1/console/developers/api/{}\"", operation.id));
    }
    assert!(console.made().is_empty(), "the document is compiled in");
}

#[tokio::test]
async fn a_search_wants_all_its_words() {
    let seen = look("?q=CLIENTS:write+rotate", Role::Merchant).await;
    seen.has("rotateClientSecret").lacks("listClients").lacks("What holds for all");
    look("?q=%3Cscript%3Enothing", Role::Merchant).await.has("No operation has all").lacks("<script>n");
}

#[tokio::test]
async fn every_operation_has_a_page_for_everybody() {
    for operation in document::operations() {
        let seen = look(&format!("/{}", operation.id), Role::Admin).await;
        seen.is(200).has("Answers");
        assert_eq!(
            operation.access == Access::Ours,
            !seen.text.contains("<form class=\"form\""),
            "{}",
            operation.id
        );
    }
    look("/createClient", Role::Finance)
        .await
        .is(200)
        .has("clients:write, which the role finance has not")
        .lacks("textarea");
    look("/unknown", Role::Admin).await.is(404);
    look("/createClient/more", Role::Admin).await.is(404);
}

#[test]
fn the_document_is_read_whole() {
    let ids: BTreeSet<&str> = document::operations().iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), document::operations().len());
    assert!(ids.len() > 50 && !ids.contains(""), "{ids:?}");
    let tags: BTreeSet<&str> = document::tags().collect();
    for operation in document::operations() {
        assert!(tags.contains(operation.tag) && !operation.summary.is_empty(), "{}", operation.id);
        assert!(!operation.answers.is_empty(), "{}", operation.id);
    }
    let open = document::operations().iter().filter(|operation| operation.access == Access::Open);
    let open: BTreeSet<&str> = open.map(|operation| operation.id).collect();
    let expected =
        ["getOpenapi", "issueToken", "receiveCallback", "receiveCallbackBehindAddress", "revokeToken"];
    assert_eq!(open, expected.into());
    assert!(document::operations().iter().all(|operation| operation.access != Access::Token));
}

#[test]
fn schemas_are_tables_of_members_and_begin_with_an_example() {
    let operation = document::find("createWebhookEndpoint").unwrap();
    let members = schema::members(operation.bodies[0].schema);
    let names: Vec<_> =
        members.iter().map(|one| (one.name.as_str(), one.kind.as_str(), one.is_required)).collect();
    assert_eq!(
        names[..3],
        [
            ("url", "string", true),
            ("events", "array of string or null", false),
            ("description", "string or null", false),
        ]
    );
    assert!(names.contains(&("batch.max_records", "integer", true)), "{names:?}");
    assert!(
        members[1].rules.iter().any(|rule| rule.starts_with("each one of transaction.created,")),
        "{members:?}"
    );
    assert_eq!(members[2].rules, ["1 to 256 characters"]);
    assert_eq!(example::body(&operation.bodies[0]), json!({"url": "…"}));
    let answer = &document::find("updateMerchant").unwrap().answers[0];
    let members = schema::members(answer.contents[0].schema);
    for name in ["status", "merchant", "merchant.monitoring.silent_minutes", "merchant.ledger_export.at"] {
        assert!(members.iter().any(|member| member.name == name), "{name}: {members:?}");
    }
    let export = members.iter().find(|member| member.name == "merchant.ledger_export").unwrap();
    assert_eq!(export.kind, "object or null");
    let recorded = example::body(&document::find("recordTransactions").unwrap().bodies[0]);
    assert_eq!(recorded, json!({"direction": "send", "method": "QRIS", "amount": 500.25, "currency": "IDR"}));
}

#[tokio::test]
async fn what_is_read_is_sent_with_the_persons_token_and_shown() {
    let console = Console::open();
    let page = json!({"status": true, "transactions": [samples::transaction()], "next_cursor": null});
    console.shows("/transactions", page);
    let form = [
        ("query.reference", HOSTILE),
        ("query.method", "QRIS"),
        ("query.method", "EWALLET"),
        ("query.provider_id", "prv_1, prv_2"),
        ("query.unknown", "x"),
        ("header.x-correlation-id", "trace-1"),
        ("header.authorization", "Bearer other"),
        ("accept", "application/json"),
        ("credentials", "yours"),
        ("language", "python"),
    ];
    let seen = console.post(&format!("{PAGE}/listTransactions"), Role::Merchant, &form).await;
    seen.is(200).has(" 200 OK</span>").has(">0 ms<").has("<code>req-api</code>").has("&#34;INV-1&#34;");
    seen.has(&format!("value=\"{HOSTILE_SHOWN}\"")).lacks("<script>alert").has("value=\"QRIS\" checked");
    seen.has("<details open><summary>Python (requests)</summary>").has("import requests");
    let made = console.made();
    assert_eq!(made.len(), 1);
    assert_eq!(
        made[0].path,
        "/transactions?provider_id=prv_1&provider_id=prv_2&method=QRIS&method=EWALLET&reference=%3Cscript%3Ealert%28%271%27%29%3C%2Fscript%3E%22%26"
    );
    let token = crate::testing::token(Role::Merchant, "2026-11-20T05:10:00Z");
    assert_eq!(made[0].headers["authorization"], format!("Bearer {token}"));
    assert_eq!(
        (&made[0].headers["x-correlation-id"], &made[0].headers["accept"]),
        (&"trace-1".parse().unwrap(), &"application/json".parse().unwrap())
    );
    seen.lacks(&token).has("authorization: Bearer $TOKEN");
}

#[tokio::test]
async fn a_refusal_is_an_answer_like_any_other() {
    let console = Console::open();
    console.refuses(Method::GET, "/clients/{id}", 404, None);
    let form = [("path.id", "a/b?c"), ("credentials", "none")];
    let seen = console.post(&format!("{PAGE}/getClient"), Role::Admin, &form).await;
    seen.is(200).has("404 Not Found").has("expected something else").has("name=\"path.id\" value=\"a/b?c\"");
    let made = console.made();
    assert_eq!(made[0].path, "/clients/a%2Fb%3Fc");
    assert!(!made[0].headers.contains_key("authorization"), "nobody was chosen");
    console.is_silent(Method::GET, "/clients/{id}");
    let seen = console.post(&format!("{PAGE}/getClient"), Role::Admin, &form).await;
    seen.is(200).has("The API has no answer now.").has("value=\"a/b?c\"");
}

#[tokio::test]
async fn what_writes_is_sent_only_when_that_is_confirmed() {
    let console = Console::open();
    let seen = console.get(&format!("{PAGE}/createClient"), Role::Admin).await;
    seen.has("name=\"confirm\"")
        .has("&#34;role&#34;: &#34;merchant&#34;")
        .has("name=\"header.Idempotency-Key\"");
    seen.lacks("name=\"header.Idempotency-Key\" value=\"\"");
    let body = "{\r\n  \"name\": \"It's \\\"$x\\\"\",\r\n  \"role\": \"finance\"\r\n}";
    let form = [("header.Idempotency-Key", "k1"), ("body", body), ("credentials", "yours")];
    let seen = console.post(&format!("{PAGE}/createClient"), Role::Admin, &form).await;
    seen.is(422).has("Nothing was sent. Tick this to send it.").has("value=\"k1\"").has("--data-raw &#39;{");
    assert!(console.made().is_empty());
    console.refuses(Method::POST, "/clients", 409, None);
    let form: Vec<_> = form.into_iter().chain([("confirm", "true")]).collect();
    let seen = console.post(&format!("{PAGE}/createClient"), Role::Admin, &form).await;
    seen.is(200).has("409 Conflict").has("value=\"k1\"").lacks("name=\"confirm\" value=\"true\" checked");
    let made = console.made();
    assert_eq!((made.len(), &made[0].method, made[0].path.as_str()), (1, &Method::POST, "/clients"));
    assert_eq!(made[0].body, body.replace("\r\n", "\n"));
    assert_eq!(
        (&made[0].headers["idempotency-key"], &made[0].headers["content-type"]),
        (&"k1".parse().unwrap(), &"application/json".parse().unwrap())
    );
}

#[tokio::test]
async fn a_form_cannot_lead_to_another_route() {
    let console = Console::open();
    for id in [".", "..", ""] {
        let form = [("path.id", id), ("confirm", "true"), ("method", "GET"), ("path", "/clients")];
        let seen = console.post(&format!("{PAGE}/revokeClient"), Role::Admin, &form).await;
        seen.is(422).has("aria-invalid=\"true\"");
    }
    let line = [("header.If-Match", "a\r\nx-other: b"), ("confirm", "true")];
    let seen = console.post(&format!("{PAGE}/updateMerchant"), Role::Admin, &line).await;
    seen.is(422).has("signs that a header may have");
    console.post(&format!("{PAGE}/transactionChanged"), Role::Admin, &[("confirm", "true")]).await.is(404);
    console.post(&format!("{PAGE}/unknown"), Role::Admin, &[]).await.is(404);
    console.post(PAGE, Role::Admin, &[]).await.is(404);
    assert!(console.made().is_empty());
}

#[tokio::test]
async fn a_role_without_the_scope_sends_nothing() {
    let console = Console::open();
    let form = [("credentials", "yours"), ("confirm", "true"), ("body", "{}")];
    for role in [Role::Merchant, Role::Operations, Role::Finance, Role::Engineering] {
        console.post(&format!("{PAGE}/createClient"), role, &form).await.is(403);
    }
    assert!(console.made().is_empty());
}

#[tokio::test]
async fn tokens_and_secrets_are_on_no_page() {
    let console = Console::open();
    let body = json!({"access_token": "pwa_1", "token_type": "Bearer", "expires_in": 600, "scope": "logs:read",
        "refresh_token": "pwr_1", "refresh_token_expires_in": 1800});
    console.answers(Method::POST, "/oauth/token", 200, body);
    let seen = console.get(&format!("{PAGE}/issueToken"), Role::Finance).await;
    seen.has("<option value=\"client_credentials\" selected>")
        .has("name=\"secret.client_secret\" type=\"password\"");
    let form = [
        ("form.grant_type", "client_credentials"),
        ("form.client_id", CLIENT),
        ("secret.client_secret", "pws_hidden"),
        ("form.scope", "offline_access"),
        ("confirm", "true"),
    ];
    let seen = console.post(&format!("{PAGE}/issueToken"), Role::Finance, &form).await;
    seen.is(200).has("there is one; it is not shown here").has("Bearer").has("client_secret=$CLIENT_SECRET");
    seen.lacks("pwa_1").lacks("pwr_1").lacks("pws_hidden");
    let made = console.made();
    assert_eq!(
        made[0].body,
        format!(
            "grant_type=client_credentials&client_id={CLIENT}&client_secret=pws_hidden&scope=offline_access"
        )
    );
    assert_eq!(made[0].headers["content-type"], "application/x-www-form-urlencoded");
    assert!(!made[0].headers.contains_key("authorization"), "the route is open");
}

/// The page of signing in keeps what was filled in, but no field that is named as a secret.
#[tokio::test]
async fn credentials_are_not_kept_while_somebody_signs_in_again() {
    let console = Console::open();
    for (operation, field, is_kept) in [
        ("createProvider", "secret.body", false),
        ("issueToken", "secret.client_secret", false),
        ("createClient", "body", true),
    ] {
        let path = format!("{PAGE}/{operation}");
        console.get(&path, Role::Admin).await.has(&format!("name=\"{field}\""));
        let form = form_urlencoded::Serializer::new(String::new()).append_pair(field, "pw-1234").finish();
        let request = console.request(Method::POST, &path, None).with_body(form);
        let seen = console.send(crate::testing::with_header(request, "sec-fetch-site", "same-origin")).await;
        assert_eq!(seen.text.contains("pw-1234"), is_kept, "{}", seen.text);
    }
}

#[tokio::test]
async fn a_callback_is_sent_as_it_is_without_the_persons_token() {
    let console = Console::open();
    console.refuses(Method::POST, "/callbacks/{provider_id}", 404, None);
    let form =
        [("path.provider_id", "prv_1"), ("body", "a=1"), ("content_type", "text/plain"), ("confirm", "true")];
    console
        .post(&format!("{PAGE}/receiveCallback"), Role::Merchant, &form)
        .await
        .is(200)
        .has("404 Not Found");
    let made = console.made();
    assert_eq!(
        (made[0].body.as_str(), &made[0].headers["content-type"]),
        ("a=1", &"text/plain".parse().unwrap())
    );
    assert!(!made[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_link_can_fill_the_form_in_and_choose_the_language() {
    let console = Console::open();
    let seen = console.get(&format!("{PAGE}/getClient?id={CLIENT}&language=node"), Role::Admin).await;
    seen.has(&format!("name=\"path.id\" value=\"{CLIENT}\"")).has("<option value=\"node\" selected>");
    seen.has(&format!("fetch(&#34;https://pay.example.com/v1/clients/{CLIENT}&#34;"));
    seen.has("<details open><summary>Node (fetch)</summary>");
    look("/getClient", Role::Admin)
        .await
        .has("v1/clients/{id}&#39;")
        .has("<details open><summary>curl</summary>");
}

#[tokio::test]
async fn a_long_answer_is_shown_from_its_beginning() {
    let console = Console::open();
    console.shows("/clients", clients());
    let text = format!("id\n{}", "é".repeat(150_000));
    console.says(Method::GET, "/clients", 200, "text/csv", text.clone());
    let seen = console.post(&format!("{PAGE}/listClients"), Role::Admin, &[]).await;
    seen.is(200).has(&format!("This is the beginning: the answer has {} bytes.", text.len()));
    assert!(seen.text.len() < 260_000, "{}", seen.text.len());
}
