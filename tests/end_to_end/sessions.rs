//! Sessions: signed in once, going on without the secret, and ended.

use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Stack, send, unique};

async fn post(stack: &Stack, path: &str, body: String) -> Answer {
    let request = stack.anonymous().request(Method::POST, path).await;
    send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

/// A new client of the merchant that signs in; answers its id, and what it was given.
async fn sign_in(stack: &Stack, admin: &Api) -> (String, Value) {
    let body = json!({"name": unique("Ayu"), "role": "finance"});
    let client = admin.post("/clients", &body).await.expect(201)["client"].clone();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=offline_access",
        text("id"),
        text("secret")
    );
    (text("id"), post(stack, "/oauth/token", form).await.expect(200))
}

async fn refresh(stack: &Stack, granted: &Value) -> Answer {
    let token = granted["refresh_token"].as_str().unwrap();
    post(stack, "/oauth/token", format!("grant_type=refresh_token&refresh_token={token}")).await
}

async fn of_client(admin: &Api, client: &str) -> Vec<Value> {
    let sessions: Vec<Value> = admin.all("/sessions", "sessions").await;
    sessions.into_iter().filter(|session| session["client_id"] == client).collect()
}

#[tokio::test]
async fn a_session_goes_on_and_ends_when_its_holder_signs_out() {
    let stack = Stack::read();
    let admin = stack.sign_in(stack.jakarta(), "admin").await;
    let (client, first) = sign_in(&stack, &admin).await;
    let second = refresh(&stack, &first).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let api = stack.anonymous().with_token(second["access_token"].as_str().unwrap());
    api.get("/transactions?limit=1").await.expect(200);
    assert_eq!(of_client(&admin, &client).await.len(), 1);
    let token = second["refresh_token"].as_str().unwrap();
    post(&stack, "/oauth/revoke", format!("token={token}")).await.expect(200);
    assert_eq!(refresh(&stack, &second).await.expect(400)["error"], "invalid_grant");
    assert_eq!(of_client(&admin, &client).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_token_from_before_ends_the_session() {
    let stack = Stack::read();
    let admin = stack.sign_in(stack.jakarta(), "admin").await;
    let (_, first) = sign_in(&stack, &admin).await;
    let second = refresh(&stack, &first).await.expect(200);
    let third = refresh(&stack, &second).await.expect(200);
    for spent in [&first, &third] {
        assert_eq!(refresh(&stack, spent).await.expect(400)["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn admins_end_sessions_one_by_one_or_with_their_client() {
    let stack = Stack::read();
    let admin = stack.sign_in(stack.jakarta(), "admin").await;
    let stranger = stack.sign_in(stack.merchant("Africa/Johannesburg"), "admin").await;
    let (client, granted) = sign_in(&stack, &admin).await;
    let path = format!("/sessions/{}", of_client(&admin, &client).await[0]["id"].as_str().unwrap());
    stranger.delete(&path).await.expect(404);
    admin.delete(&path).await.expect(200);
    refresh(&stack, &granted).await.expect(400);
    let (client, granted) = sign_in(&stack, &admin).await;
    admin.delete(&format!("/clients/{client}")).await.expect(200);
    refresh(&stack, &granted).await.expect(400);
    assert_eq!(of_client(&admin, &client).await, Vec::<Value>::new());
}
