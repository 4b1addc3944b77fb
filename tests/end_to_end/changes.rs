//! Changes: made once under their keys, and written down.

use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Stack, eventually, send, unique};

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

/// What shows no secret is kept as well, each by a role of its own.
#[tokio::test]
async fn secrets_statements_runs_and_replays_are_made_once_too() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let client = json!({"name": unique("Rotated"), "role": "merchant"});
    let client = api.post("/clients", &client).await.expect(201)["client"]["id"].clone();
    let provider = &stack.jakarta().provider("xendit").id;
    let day = json!({"provider_id": provider, "start_date": "2026-01-05", "end_date": "2026-01-05"});
    let statement = format!(
        "reference,provider_transaction_id,kind,direction,amount,currency,booked_at,settlement_id,status\n{},,Transfer,credit,10000,IDR,2026-01-05T07:55:00Z,,SETTLED\n",
        unique("ONCE")
    );
    let bodies = [
        (format!("/clients/{}/rotate-secret", client.as_str().unwrap()), json!({})),
        ("/reconciliation/statements".to_owned(), json!({"provider_id": provider, "content": statement})),
        ("/reconciliation/runs".to_owned(), day),
    ];
    for (path, body) in bodies {
        let key = unique("key");
        let first = keyed(&api, &path, &key, &body).await;
        assert!([200, 201].contains(&first.status), "{path}: {}", first.text);
        assert_eq!(keyed(&api, &path, &key, &body).await.expect(first.status), first.json(), "{path}");
    }
}

#[tokio::test]
async fn a_provider_is_tried_out_and_tells_how_it_does() {
    let stack = Stack::read();
    let api = stack.sign_in(stack.jakarta(), "admin").await;
    let provider = stack.jakarta().provider("xendit");
    let reference = unique("TRIED");
    api.record_qris(&reference).await;
    let record_path = format!("/transactions/record/{reference}");
    let before = api.get(&record_path).await.expect(200);
    let path = format!("/providers/{}/test", provider.id);
    let tried = api.post(&path, &json!({"reference": reference})).await.expect(200);
    let record = &tried["test"]["outcome"]["reports"][0]["transaction"];
    assert_eq!(
        (&record["status_before"], &record["outcome"]),
        (&json!("PENDING"), &json!("status_changed")),
        "{tried}"
    );
    assert_eq!(record["status_after"], "PAID");
    let wrong = json!({"callback": {"headers": {"x-callback-token": "another"}, "body": "{}"}});
    assert_eq!(api.post(&path, &wrong).await.expect(200)["test"]["outcome"]["verdict"], "refused");
    assert_eq!(api.get(&record_path).await.expect(200), before);
    // What the provider sent when the stack was filled may have been sent a moment ago.
    let path = format!("/providers/{}/outcomes", provider.id);
    eventually("the provider's callbacks are counted", async || {
        let outcomes = api.get(&path).await.expect(200);
        let week = &outcomes["outcomes"]["periods"][2];
        (week["callbacks_received"].as_u64().unwrap() > 0).then_some(())
    })
    .await;
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
