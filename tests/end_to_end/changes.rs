//! Changes: made once under their keys, and written down.

use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Stack, send, unique};

async fn keyed(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    let request = api.request(Method::POST, path).await.header("idempotency-key", key);
    send(request.header("content-type", "application/json").body(body.to_string())).await
}

/// The entries about one thing, newest first.
async fn trail(api: &Api, subject: &Value) -> Vec<Value> {
    let subject = subject.as_str().expect("an id");
    api.all(&format!("/audit?subject={subject}"), "audit_entries").await
}

/// Each of these functions has a role of its own.
#[tokio::test]
async fn what_creates_something_does_it_once_under_a_key() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let name = unique("Once");
    let bodies = [
        ("/clients", "client", json!({"name": name, "role": "merchant"})),
        (
            "/webhook-endpoints",
            "webhook_endpoint",
            json!({"url": "http://127.0.0.1:9/hooks", "description": name}),
        ),
        (
            "/providers",
            "provider",
            json!({"type": "xendit", "name": name, "services": ["QR_CODE_PAYMENT"],
                "credentials": {"callback_token": "a token that is long enough"}}),
        ),
    ];
    for (path, member, body) in bodies {
        let key = unique("key");
        let first = keyed(&api, path, &key, &body).await.expect(201);
        assert_eq!(keyed(&api, path, &key, &body).await.expect(201), first, "{path}");
        let other = json!({"name": "another"});
        assert_eq!(
            keyed(&api, path, &key, &other).await.expect(422)["error"]["code"],
            "idempotency_key_reused"
        );
        let line = trail(&api, &first[member]["id"]).await;
        assert_eq!(line.len(), 1, "{path}: {line:?}");
        assert_eq!((&line[0]["outcome"], &line[0]["after"]["id"]), (&json!("done"), &first[member]["id"]));
    }
}

#[tokio::test]
async fn each_step_of_a_providers_life_is_on_the_trail() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let body = json!({"type": "xendit", "name": unique("Audited"), "services": ["QR_CODE_PAYMENT"],
        "credentials": {"callback_token": "never to be seen on the trail"}});
    let id = api.post("/providers", &body).await.expect(201)["provider"]["id"].clone();
    let path = format!("/providers/{}", id.as_str().unwrap());
    api.patch(&path, &json!({"priority": 77})).await.expect(200);
    let inactive = json!({"status": "INACTIVE", "reason": "audited"});
    api.post(&format!("{path}/status"), &inactive).await.expect(200);
    let lines = trail(&api, &id).await;
    let actions: Vec<&Value> = lines.iter().map(|line| &line["action"]).collect();
    assert_eq!(actions, ["set-provider-status", "update-provider", "create-provider"]);
    assert_eq!((&lines[1]["before"]["priority"], &lines[1]["after"]["priority"]), (&json!(100), &json!(77)));
    assert!(
        lines.iter().all(|line| line["by"] == lines[0]["by"] && line["address"].is_string()),
        "{lines:?}"
    );
    assert!(!json!(lines).to_string().contains("never to be seen"));
}
