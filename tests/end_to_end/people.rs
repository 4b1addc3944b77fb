//! People sign in as themselves: at an OpenID provider, with a browser, and then at the deployed stack with what it gave them.

use data_encoding::BASE64URL_NOPAD;
use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::identity::{Browser, SignIn, form, id_token};
use crate::stack::{Answer, Api, Stack, send, unique};

async fn post(stack: &Stack, parameters: &[(&str, &str)]) -> Answer {
    let request = stack.anonymous().request(Method::POST, "/oauth/token").await;
    send(request.header("content-type", "application/x-www-form-urlencoded").body(form(parameters))).await
}

/// What the stack gives for an ID token.
async fn exchange(stack: &Stack, token: &str, nonce: &str, scope: &str) -> Answer {
    let parameters = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("subject_token", token),
        ("nonce", nonce),
        ("scope", scope),
    ];
    post(stack, &parameters).await
}

/// What a person of the first merchant is given, and the API as they see it.
async fn sign_in(stack: &Stack, role: &str) -> (Value, Api) {
    let (token, nonce) = id_token(&stack.identity_provider, &stack.jakarta().people[role]).await;
    let given = exchange(stack, &token, &nonce, "offline_access").await.expect(200);
    let api = stack.anonymous().with_token(given["access_token"].as_str().unwrap());
    (given, api)
}

async fn refresh(stack: &Stack, given: &Value) -> Answer {
    let token = given["refresh_token"].as_str().unwrap();
    post(stack, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// Who did the newest thing to a provider.
async fn last_by(api: &Api, provider: &str) -> String {
    let history = api.get(&format!("/providers/{provider}/history?limit=1")).await.expect(200);
    history["history"][0]["by"].as_str().unwrap_or_else(|| panic!("{history}")).to_owned()
}

#[tokio::test]
async fn a_person_signs_in_and_histories_name_them() {
    let stack = Stack::read();
    let (given, api) = sign_in(&stack, "operations").await;
    assert_eq!(given["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(given["scope"], "transactions:read logs:read providers:read providers:write");
    let provider = json!({"type": "brick", "name": unique("Brick"), "services": ["EWALLET"], "priority": 1000,
        "credentials": {"client_id": "b3f1c9f2", "client_secret": "brick-secret-of-a-person"}});
    let provider = api.post("/providers", &provider).await.expect(201)["provider"].clone();
    let provider = provider["id"].as_str().unwrap();
    let person = last_by(&api, provider).await;
    assert!(person.starts_with("usr_"), "{person}");
    api.get("/sessions").await.expect(403);
    // Another day, the same person; and their session goes on without the provider.
    let (_, again) = sign_in(&stack, "operations").await;
    let pinned = json!({"status": "MAINTENANCE", "reason": "a test", "pin": true});
    again.post(&format!("/providers/{provider}/status"), &pinned).await.expect(200);
    assert_eq!(last_by(&again, provider).await, person);
    let next = refresh(&stack, &given).await.expect(200);
    let later = stack.anonymous().with_token(next["access_token"].as_str().unwrap());
    let active = json!({"status": "ACTIVE", "reason": "a test"});
    later.post(&format!("/providers/{provider}/status"), &active).await.expect(200);
    assert_eq!(last_by(&later, provider).await, person);
}

#[tokio::test]
async fn admins_see_the_sessions_of_people_and_end_them() {
    let stack = Stack::read();
    let (admins, admin) = sign_in(&stack, "admin").await;
    let (given, _) = sign_in(&stack, "engineering").await;
    let name = format!("engineering of {}", stack.jakarta().name);
    let sessions: Vec<Value> = admin.all("/sessions", "sessions").await;
    let theirs: Vec<&Value> =
        sessions.iter().filter(|session| session["person_name"] == name.as_str()).collect();
    assert!(
        theirs.iter().all(|session| session["client_id"].is_null()) && !theirs.is_empty(),
        "{sessions:?}"
    );
    for session in theirs {
        admin.delete(&format!("/sessions/{}", session["id"].as_str().unwrap())).await.expect(200);
    }
    assert_eq!(refresh(&stack, &given).await.expect(400)["error"], "invalid_grant");
    let token = refresh(&stack, &admins).await.expect(200)["refresh_token"].clone();
    let request = stack.anonymous().request(Method::POST, "/oauth/revoke").await;
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    send(request.body(form(&[("token", token.as_str().unwrap())]))).await.expect(200);
}

/// A code that was caught on its way back is worth nothing without the verifier, and nobody gets one without a challenge.
#[tokio::test]
async fn the_provider_holds_each_code_to_its_sign_in() {
    let stack = Stack::read();
    let provider = &stack.identity_provider;
    let sign_in = SignIn::begin(provider).await;
    let returned = Browser::default().sign_in(&sign_in.address(), &stack.jakarta().people["finance"]).await;
    let thief = "another-verifier-of-more-than-forty-three-characters";
    let refused = sign_in.redeem(&sign_in.code(&returned), Some(thief)).await.expect(400);
    assert_eq!(refused["error"], "invalid_grant");
    let address = sign_in.address();
    let (without, _) = address.split_once("&code_challenge=").unwrap();
    let returned = Browser::default().sign_in(without, &stack.jakarta().people["finance"]).await;
    assert!(returned.contains("error=invalid_request"), "{returned}");
}

#[tokio::test]
async fn who_has_no_role_and_who_changes_a_token_get_nothing() {
    let stack = Stack::read();
    let (token, nonce) = id_token(&stack.identity_provider, &stack.jakarta().people["guest"]).await;
    let refused = exchange(&stack, &token, &nonce, "").await.expect(400);
    let said = refused["error_description"].as_str().unwrap();
    assert!(refused["error"] == "invalid_request" && said.starts_with("expected a person"), "{refused}");
    let (token, nonce) = id_token(&stack.identity_provider, &stack.jakarta().people["finance"]).await;
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let mut claims: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();
    claims["groups"] = json!(["paywarden-admin"]);
    let raised = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
    for (case, token, nonce) in [
        ("another nonce", token.clone(), "another"),
        ("a role that nobody gave", format!("{header}.{raised}.{signature}"), nonce.as_str()),
        ("no signature", format!("{none}.{raised}."), nonce.as_str()),
    ] {
        let refused = exchange(&stack, &token, nonce, "").await.expect(400);
        let said = refused["error_description"].as_str().unwrap();
        assert!(
            refused["error"] == "invalid_request" && said.starts_with("expected an ID token"),
            "{case}: {refused}"
        );
    }
    exchange(&stack, &token, &nonce, "").await.expect(200);
}
