//! API clients: created, narrowed, given another secret, revoked.

use paywarden_api_client::{Credentials, Method};
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Stack, send, unique};

async fn create(api: &Api, body: &Value) -> Value {
    api.post("/clients", body).await.expect(201)["client"].clone()
}

fn credentials(client: &Value) -> Credentials {
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    Credentials { client_id: text("id"), client_secret: text("secret") }
}

/// Asks for a token, from an address as the emulator believes it.
async fn token(stack: &Stack, credentials: &Credentials, address: &str) -> Answer {
    let request = stack
        .anonymous()
        .request(Method::POST, "/oauth/token")
        .await
        .basic(&credentials.client_id, &credentials.client_secret)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", address);
    send(request.body("grant_type=client_credentials")).await
}

#[tokio::test]
async fn a_client_is_created_used_given_another_secret_and_revoked() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let name = unique("Job");
    let body = json!({"name": name, "role": "finance", "scopes": ["transactions:read"]});
    let first = credentials(&create(&api, &body).await);
    let path = format!("/clients/{}", first.client_id);
    assert_eq!(token(&stack, &first, "127.0.0.1").await.expect(200)["scope"], "transactions:read");
    let shown = api.get(&path).await.expect(200)["client"].clone();
    assert!(shown["last_used_at"].is_string() && shown.get("secret").is_none(), "{shown}");
    let rotated = api.post(&format!("{path}/rotate-secret"), &json!({})).await.expect(200);
    let second = credentials(&rotated["client"]);
    for good in [&first, &second] {
        token(&stack, good, "127.0.0.1").await.expect(200);
    }
    let at_once = json!({"previous_secret_valid_seconds": 0});
    let third =
        credentials(&api.post(&format!("{path}/rotate-secret"), &at_once).await.expect(200)["client"]);
    token(&stack, &second, "127.0.0.1").await.expect(401);
    token(&stack, &third, "127.0.0.1").await.expect(200);
    let revoked = api.delete(&path).await.expect(200)["client"].clone();
    assert!(revoked["revoked_at"].is_string());
    token(&stack, &third, "127.0.0.1").await.expect(401);
    let listed = api.all("/clients", "clients").await;
    assert!(listed.iter().any(|client| client["name"] == name.as_str()));
}

#[tokio::test]
async fn a_token_is_good_where_its_client_may_call_from() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let body = json!({"name": unique("Shop"), "role": "merchant", "allowed_addresses": ["203.0.113.0/24"]});
    let client = credentials(&create(&api, &body).await);
    let refused = token(&stack, &client, "198.51.100.7").await.expect(400);
    assert_eq!(refused["error"], "unauthorized_client");
    let granted = token(&stack, &client, "203.0.113.7").await.expect(200);
    let theirs = api.with_token(granted["access_token"].as_str().unwrap());
    let list = async |address: &str| {
        let request = theirs.request(Method::GET, "/transactions?limit=1").await;
        send(request.header("x-forwarded-for", address)).await.status
    };
    // In turn, so that what the gateway keeps of one answers nothing for the other.
    for (address, status) in [("203.0.113.7", 200), ("198.51.100.7", 401), ("203.0.113.7", 200)] {
        assert_eq!(list(address).await, status, "{address}");
    }
}

#[tokio::test]
async fn nobody_revokes_themselves_or_another_merchants_client() {
    let stack = Stack::read();
    let own = &stack.jakarta().clients["admin"];
    let admin = stack.sign_in(stack.jakarta(), "admin").await;
    let stranger = stack.sign_in(stack.merchant("Africa/Johannesburg"), "admin").await;
    let path = format!("/clients/{}", own.client_id);
    let by_itself = admin.delete(&path).await;
    assert_eq!(by_itself.expect(409)["error"]["code"], "own_client");
    for path in [path.as_str(), "/clients/cli_00000000000000000000000000"] {
        stranger.delete(path).await.expect(404);
        stranger.get(path).await.expect(404);
    }
}
