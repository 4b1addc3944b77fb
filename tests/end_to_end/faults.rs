//! Faults of AWS, which the gate before the emulator has on command (`infra/local/aws_shaped/faults.py`), and a merchant of its
//! own that they strike. Tests share a stack: a fault names the merchant and all that is the merchant's, so that it strikes no
//! call that is about others only.

use std::time::Duration;

use paywarden_api_client::Method;
use paywarden_domain::id::{EndpointId, MerchantId, TransactionId};
use serde_json::{Value, json};

use crate::stack::{Answer, Api, Provider, Stack, at, call_back, send, unique};

/// Tries of a request that is answered 503 or 429, as callers are asked to try again.
const TRIES: usize = 60;

/// A merchant with one provider and one webhook endpoint.
pub struct Shop<'a> {
    pub stack: &'a Stack,
    pub id: MerchantId,
    pub api: Api,
    pub provider: Provider,
    endpoint: EndpointId,
    /// Where its webhooks arrive.
    hooks: String,
}

impl<'a> Shop<'a> {
    /// Opens one; nothing is struck yet.
    pub async fn open(stack: &'a Stack) -> Self {
        let said = stack.operator(&["create-merchant", &unique("Shop"), "--zone", "Asia/Jakarta"]);
        let id = MerchantId::parse(said.trim()).unwrap();
        let client = stack.operator(&["create-client", id.as_str(), "Till"]);
        let word = |place: usize| client.split_whitespace().nth(place).unwrap();
        assert_eq!((word(0), word(2)), ("client_id", "client_secret"));
        let api = stack.sign_in_with(word(1), word(3)).await;
        let provider = create_provider(&api).await;
        let hooks = format!("/{}", unique("hooks"));
        let endpoint = json!({"url": format!("{}{hooks}", stack.receiver.url)});
        let created = api.post("/webhook-endpoints", &endpoint).await.expect(201);
        let endpoint = EndpointId::parse(created["webhook_endpoint"]["id"].as_str().unwrap()).unwrap();
        Self { stack, id, api, provider, endpoint, hooks }
    }

    /// Switches faults on for calls about the shop, or about its payments under these references.
    pub async fn switch(&self, seed: u32, references: &[&str], faults: Vec<Value>) {
        let mut words = vec![self.id.to_string(), self.provider.id.clone(), self.endpoint.to_string()];
        for reference in references {
            for occurrence in 1..=2 {
                words.push(TransactionId::of(&self.id, reference, occurrence).to_string());
            }
        }
        let aimed = faults.into_iter().map(|mut fault| {
            fault["words"] = json!(words);
            fault
        });
        let set = json!({"seed": seed, "faults": aimed.collect::<Vec<_>>()});
        send(at(Method::PUT, &self.switchboard()).body(set.to_string())).await.expect(200);
    }

    /// How often each has struck so far.
    pub async fn struck(&self) -> Vec<u64> {
        self.report(Method::GET).await
    }

    /// Switches them off; answers how often each has struck.
    pub async fn calm(&self) -> Vec<u64> {
        self.report(Method::DELETE).await
    }

    async fn report(&self, method: Method) -> Vec<u64> {
        let report = send(at(method, &self.switchboard())).await.expect(200);
        report["faults"].as_array().unwrap().iter().map(|fault| fault["struck"].as_u64().unwrap()).collect()
    }

    fn switchboard(&self) -> String {
        format!("{}/_paywarden/faults/{}", self.stack.endpoint_url, self.id)
    }

    /// Calls back as the provider does, until it is acknowledged.
    pub async fn call_back(&self, body: &Value) {
        let token = &self.provider.credentials["callback_token"];
        let correlation_id = unique("corr");
        insist(async || call_back(&self.provider, token, &correlation_id, body).await).await.expect(200);
    }

    /// What was told by webhooks, by transaction and status; each as often as it came.
    pub fn told(&self) -> Vec<(String, String)> {
        let received = self.stack.received(&self.hooks).into_iter();
        let transactions = received.map(|one| {
            let body: Value = serde_json::from_str(one["body"].as_str().unwrap()).unwrap();
            body["transactions"][0].clone()
        });
        let word = |of: &Value, member: &str| of[member].as_str().unwrap().to_owned();
        transactions.map(|transaction| (word(&transaction, "id"), word(&transaction, "status"))).collect()
    }

    /// Totals, ledger and records say the same.
    pub fn balance_books(&self) {
        let compared = self.stack.operator(&["compare-totals", self.id.as_str()]);
        assert!(compared.contains("are as they should be"), "{compared}");
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

/// Asks until the answer is another than "try again in a moment", which is the only one of a server's fault that a caller gets.
pub async fn insist(ask: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..TRIES {
        let answer = ask().await;
        if !matches!(answer.status, 429 | 503) {
            assert!(answer.status < 500, "{}: {}", answer.status, answer.text);
            return answer;
        }
        assert!(answer.headers.contains_key("retry-after"), "{}", answer.text);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("still not done after {TRIES} tries");
}
