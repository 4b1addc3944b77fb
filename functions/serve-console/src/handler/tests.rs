//! Who is let in, what a form has to prove, and what every answer carries.

use http::Method;
use paywarden_domain::access::Role;
use paywarden_testing::events;
use serde_json::json;

use super::origin_of;
use crate::testing::{Console, ORIGIN, token, with_header};

const TOKENS: &str = "/oauth/token";

fn tokens(role: Role) -> serde_json::Value {
    json!({
        "access_token": token(role, "2026-11-20T05:10:00Z"), "token_type": "Bearer", "expires_in": 600,
        "scope": "transactions:read", "refresh_token": "pwr_next", "refresh_token_expires_in": 1800,
    })
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let console = Console::open();
    let request = console.request(Method::GET, "/transactions?tab=send", None);
    let seen = console.send(request.clone()).await;
    assert_eq!(seen.location(), "/sign-in?return=%2Ftransactions%3Ftab%3Dsend");
    let seen = console.send(console.request(Method::GET, seen.location(), None)).await;
    seen.is(200).has("name=\"client_id\"").has("name=\"client_secret\"");
    seen.has("value=\"/transactions?tab=send\"").lacks("Sign out");
    console.send(with_header(request, "x-console-part", "rows")).await.is(401);
    assert_eq!(console.made(), []);
}

#[tokio::test]
async fn who_signs_in_comes_to_where_they_wanted_to_go() {
    let console = Console::open();
    console.answers(Method::POST, TOKENS, 200, tokens(Role::Operations));
    let form = [("client_id", "cli_1"), ("client_secret", "s3cret"), ("return", "/transactions?tab=send")];
    let seen = console.post("/sign-in", Role::Operations, &form).await;
    assert_eq!(seen.location(), "/transactions?tab=send");
    let cookies = seen.cookies();
    assert!(
        cookies.iter().any(|cookie| cookie
            .starts_with("__Host-pw_session=pwr_next; Path=/; Max-Age=1800; HttpOnly; Secure; SameSite=Lax")),
        "{cookies:?}"
    );
    let made = console.made();
    assert!(made[0].body.contains("client_secret=s3cret&scope=offline_access"), "{made:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_not_shown_again() {
    let console = Console::open();
    let refused = json!({"error": "invalid_client", "error_description": "unknown client or wrong secret"});
    console.answers(Method::POST, TOKENS, 401, refused);
    let seen =
        console.post("/sign-in", Role::Admin, &[("client_id", "<b>"), ("client_secret", "s3cret")]).await;
    seen.is(401).has("No client has this id and secret.").has("value=\"&#60;b&#62;\"").lacks("s3cret");
    assert!(seen.cookies().is_empty());
}

#[tokio::test]
async fn a_session_goes_on_by_itself() {
    let console = Console::open();
    console.answers(Method::POST, TOKENS, 200, tokens(Role::Merchant));
    for cookie in [
        "__Host-pw_session=pwr_1".to_owned(),
        format!(
            "__Host-pw_access={}; __Host-pw_session=pwr_1",
            token(Role::Merchant, "2026-11-20T05:00:59Z")
        ),
        "__Host-pw_access=garbage; __Host-pw_session=pwr_1".to_owned(),
    ] {
        let request =
            with_header(console.request(Method::GET, "/developers/nowhere", None), "cookie", &cookie);
        let seen = console.send(request).await;
        seen.is(404).has("Sign out");
        assert_eq!(seen.cookies().len(), 2, "{cookie}");
        assert!(console.made()[0].body.ends_with("refresh_token=pwr_1"));
    }
}

#[tokio::test]
async fn a_session_that_is_over_asks_to_sign_in_and_keeps_the_form() {
    let console = Console::open();
    let over = json!({"error": "invalid_grant", "error_description": "the session is over"});
    console.answers(Method::POST, TOKENS, 400, over);
    let request = console
        .request(Method::POST, "/providers/new", None)
        .with_body("name=Brick&credentials.client_secret=hush");
    let request = with_header(with_header(request, "origin", ORIGIN), "cookie", "__Host-pw_session=pwr_1");
    let seen = console.send(request).await;
    seen.is(401).has("name=\"kept.name\" value=\"Brick\"").lacks("hush").has("value=\"/providers/new\"");
    console.answers(Method::POST, TOKENS, 200, tokens(Role::Operations));
    let form =
        [("client_id", "c"), ("client_secret", "s"), ("return", "/providers/new"), ("kept.name", "Brick")];
    let seen = console.post("/sign-in", Role::Operations, &form).await;
    seen.is(200)
        .has("action=\"/v1/console/providers/new\"")
        .has("name=\"name\" value=\"Brick\"")
        .has("Send it");
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let console = Console::open();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example.com")] {
        let request = console.request(Method::POST, "/transactions/tra_1/held-reports", Some(Role::Admin));
        console.send(with_header(request, name, value)).await.is(403).has("nothing was done");
    }
    console.send(console.request(Method::POST, "/sign-in", None)).await.is(403);
    assert_eq!(console.made(), []);
}

#[tokio::test]
async fn who_signs_out_is_out_whatever_the_api_says() {
    let console = Console::open();
    console.is_silent(Method::POST, "/oauth/revoke");
    let request =
        with_header(console.request(Method::POST, "/sign-out", None), "cookie", "__Host-pw_session=pwr_1");
    let seen = console.send(with_header(request, "origin", ORIGIN)).await;
    assert_eq!(seen.location(), "/sign-in");
    assert!(
        seen.cookies().iter().all(|cookie| cookie.contains("=; Path=/; Max-Age=0")),
        "{:?}",
        seen.cookies()
    );
    assert_eq!(console.made()[0].body, "token=pwr_1");
}

#[tokio::test]
async fn every_page_is_protected() {
    let console = Console::open();
    let seen = console.get("/nowhere", Role::Admin).await;
    seen.is(404);
    let header = |name: &str| seen.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin");
    assert!(header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn the_menu_is_by_role_and_a_page_that_is_not_in_it_is_refused() {
    let console = Console::open();
    console.get("/nowhere", Role::Merchant).await.has(">List<").lacks(">Logs<").lacks(">Reconciliation<");
    console
        .get("/nowhere", Role::Finance)
        .await
        .has(">Reconciliation<")
        .lacks(">Logs<")
        .lacks(">API clients<");
    console.get("/nowhere", Role::Admin).await.has(">Logs<").has(">API clients<").has(">Sign out<");
}

#[tokio::test]
async fn style_and_script_stay_for_a_year_under_their_own_names() {
    let console = Console::open();
    let page = console.get("/nowhere", Role::Admin).await;
    for ending in [".css", ".js", ".svg"] {
        let end = page.text.find(&format!("{ending}\"")).expect(ending) + ending.len();
        let start = page.text[..end].rfind('"').unwrap() + 1;
        let path = page.text[start..end].strip_prefix("/v1/console").unwrap();
        let seen = console.send(console.request(Method::GET, path, None)).await;
        assert!(seen.headers["cache-control"].to_str().unwrap().contains("immutable"), "{path}");
        let old = console.request(Method::GET, &format!("/assets/console-0{ending}"), None);
        assert_eq!(console.send(old).await.headers["cache-control"], "no-cache");
    }
    console.send(console.request(Method::GET, "/assets/passwd", None)).await.is(404);
}

/// What `cargo lambda invoke` is given is answered.
#[tokio::test]
async fn the_samples_are_answered() {
    let console = Console::open();
    for (case, status) in [("signed-out", 303), ("sign-in", 200), ("style", 200), ("foreign-form", 403)] {
        let text = events::texts("serve-console").remove(case).expect(case);
        console.send(events::api_request(&text)).await.is(status);
    }
    assert_eq!(events::texts("serve-console").len(), 4, "each sample is tried");
}

/// What browsers send as `Origin` is compared with it letter by letter.
#[test]
fn the_origin_is_as_browsers_write_it() {
    for (address, origin) in [
        ("https://pay.example.com/v1", Some("https://pay.example.com")),
        ("https://Pay.Example.COM:443/v1", Some("https://pay.example.com")),
        ("https://pay.example.com:8443/v1/", Some("https://pay.example.com:8443")),
        ("http://127.0.0.1:80", Some("http://127.0.0.1")),
        ("http://127.0.0.1:3000/v1", Some("http://127.0.0.1:3000")),
        ("https://[::1]:443/v1", Some("https://[::1]")),
        ("/v1", None),
    ] {
        let read = origin_of(&address.parse().unwrap());
        assert_eq!(read.as_deref(), origin, "{address}");
    }
}
