//! Faults of AWS, which the gate before the emulator has on command (`infra/local/aws_shaped/faults.py`), and a merchant of its
//! own that they strike. Tests share a stack: a fault names the merchant and what is the merchant's, so that it strikes no
//! call about anybody else.

use paywarden_api_client::Method;
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Provider, Stack, at, send, unique};

/// Tries of a request that is answered 503 or 429, as callers are asked to try again.
const TRIES: usize = 60;

/// A merchant with one provider and one webhook endpoint.
pub struct Shop<'a> {
    pub stack: &'a Stack,
    pub id: String,
    pub api: Api,
    pub provider: Provider,
    /// Where its webhooks arrive.
    pub hooks: String,
}

impl<'a> Shop<'a> {
    /// Opens one; nothing is struck yet.
    pub async fn open(stack: &'a Stack) -> Self {
        let id =
            stack.operator(&["create-merchant", &unique("Shop"), "--zone", "Asia/Jakarta"]).trim().to_owned();
        let client = stack.operator(&["create-client", &id, "Till"]);
        let mut words = client.split_whitespace();
        let mut after =
            |word: &str| words.find(|found| *found == word).and_then(|_| words.next()).unwrap().to_owned();
        let api = stack.sign_in_with(&after("client_id"), &after("client_secret")).await;
        let provider = create_provider(&api).await;
        let hooks = format!("/{}", unique("hooks"));
        let endpoint = json!({"url": format!("{}{hooks}", stack.receiver.url)});
        api.post("/webhook-endpoints", &endpoint).await.expect(201);
        Self { stack, id, api, provider, hooks }
    }

    /// Switches faults on, in the place of those before.
    pub async fn switch(&self, seed: u32, faults: &[Value]) {
        let words = json!([self.id, self.provider.id]);
        let own = faults.iter().cloned().map(|mut fault| {
            fault["words"] = words.clone();
            fault
        });
        let set = json!({"seed": seed, "faults": own.collect::<Vec<_>>()});
        send(at(Method::PUT, &self.switchboard()).body(set.to_string())).await.expect(200);
    }

    /// Switches them off; answers how often each has struck.
    pub async fn calm(&self) -> Vec<u64> {
        let report = send(at(Method::DELETE, &self.switchboard())).await.expect(200);
        report["faults"].as_array().unwrap().iter().map(|fault| fault["struck"].as_u64().unwrap()).collect()
    }

    fn switchboard(&self) -> String {
        format!("{}/_paywarden/faults/{}", self.stack.endpoint_url, self.id)
    }

    /// Calls back as the provider does, until it is acknowledged.
    pub async fn call_back(&self, body: &Value) {
        let token = &self.provider.credentials["callback_token"];
        insist(async || crate::stack::call_back(&self.provider, token, &unique("corr"), body).await)
            .await
            .expect(200);
    }

    /// Posts until it is done.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        insist(async || self.api.post(path, body).await).await
    }

    /// What was told by webhooks, by transaction and status; each as often as it came.
    pub fn told(&self) -> Vec<(String, String)> {
        let received = self.stack.received(&self.hooks).into_iter();
        let bodies =
            received.map(|one| serde_json::from_str::<Value>(one["body"].as_str().unwrap()).unwrap());
        bodies
            .filter_map(|body| {
                let transaction = &body["transactions"][0];
                Some((transaction["id"].as_str()?.to_owned(), transaction["status"].as_str()?.to_owned()))
            })
            .collect()
    }
}

/// Xendit, which settles nothing by itself.
async fn create_provider(api: &Api) -> Provider {
    let token = unique("token");
    let body = json!({"type": "xendit", "name": unique("Xendit"), "services": ["QR_CODE_PAYMENT"],
        "credentials": {"callback_token": token}, "fee": {"type": "PERCENTAGE", "value": "0.7"},
        "tax": {"percentage": "11", "apply": true}});
    let created = api.post("/providers", &body).await.expect(201)["provider"].clone();
    Provider {
        id: created["id"].as_str().unwrap().to_owned(),
        provider_type: "xendit".to_owned(),
        callback_url: created["callback_url"].as_str().unwrap().to_owned(),
        credentials: [("callback_token".to_owned(), token)].into(),
    }
}

/// Asks until the answer is another than "try again in a moment". No other answer of a server's fault is one to a caller.
pub async fn insist(ask: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..TRIES {
        let answer = ask().await;
        if !matches!(answer.status, 429 | 503) {
            assert!(answer.status < 500, "{}: {}", answer.status, answer.text);
            return answer;
        }
        assert!(answer.headers.contains_key("retry-after"), "{}", answer.text);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("still not done after {TRIES} tries");
}
