//! The stack under test, as its `stack.json` describes it, and the ways to talk to it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use paywarden_api_client::{Answer as Answered, Api as Client, Credentials, Method, Plain, Request};
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest wait for something that happens behind queues, streams and the schedules of a minute.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
pub struct Stack {
    pub api_url: String,
    pub endpoint_url: String,
    pub receiver: Receiver,
    pub identity_provider: IdentityProvider,
    pub merchants: Vec<Merchant>,
}

#[derive(Deserialize)]
pub struct Receiver {
    pub url: String,
    pub log: PathBuf,
}

#[derive(Deserialize)]
pub struct IdentityProvider {
    pub issuer: String,
    pub client_id: String,
    pub redirect_uri: String,
}

#[derive(Deserialize)]
pub struct Merchant {
    pub id: String,
    pub name: String,
    pub time_zone: String,
    pub clients: BTreeMap<String, Credentials>,
    pub providers: Vec<Provider>,
    /// What a person of each role signs in with.
    pub people: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub struct Provider {
    pub id: String,
    #[serde(rename = "type")]
    pub provider_type: String,
    pub callback_url: String,
    pub credentials: BTreeMap<String, String>,
}

/// What came back.
pub struct Answer(Answered);

impl Deref for Answer {
    type Target = Answered;

    fn deref(&self) -> &Answered {
        &self.0
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        self.0.json().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The body as JSON, if the status is the expected one.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The body without what differs from request to request.
    pub fn without_request_id(&self) -> String {
        let id = self.headers.get("x-request-id").expect("every answer has one").to_str().unwrap();
        self.text.replace(id, "…")
    }
}

impl Stack {
    pub fn read() -> Self {
        let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/local/stack.json");
        let file = std::env::var("PAYWARDEN_STACK").unwrap_or_else(|_| usual.to_owned());
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{file}: {error}; start a stack: cargo xtask up --detach"));
        serde_json::from_str(&text).expect("stack.json has its documented shape")
    }

    /// The sample merchant in this zone.
    pub fn merchant(&self, zone: &str) -> &Merchant {
        self.merchants.iter().find(|merchant| merchant.time_zone == zone).expect("a sample merchant")
    }

    /// The merchant most tests use.
    pub fn jakarta(&self) -> &Merchant {
        self.merchant("Asia/Jakarta")
    }

    /// The API without a token.
    pub fn anonymous(&self) -> Api {
        Api(Client::anonymous(Arc::new(Plain::default()), &self.api_url))
    }

    /// The API as a merchant's client of this role.
    pub async fn sign_in(&self, merchant: &Merchant, role: &str) -> Api {
        Api(self.anonymous().0.sign_in(&merchant.clients[role]).await.expect("a token"))
    }

    /// The API as the client with this secret.
    pub async fn sign_in_with(&self, client_id: &str, client_secret: &str) -> Api {
        let credentials = json!({"client_id": client_id, "client_secret": client_secret});
        let credentials: Credentials =
            serde_json::from_value(credentials).expect("credentials have their shape");
        Api(self.anonymous().0.sign_in(&credentials).await.expect("a token"))
    }

    /// Every line that any function has logged so far.
    pub async fn logs(&self) -> String {
        let groups = self.ask_logs("DescribeLogGroups", &json!({"logGroupNamePrefix": "/aws/lambda/"})).await;
        let mut lines = String::new();
        for group in groups["logGroups"].as_array().expect("log groups") {
            self.read_logs(&group["logGroupName"], &mut lines).await;
        }
        lines
    }

    /// The emulator gives the oldest lines and no token for more: each answer goes on at the moment at which the one before
    /// ended, so that some lines come twice.
    async fn read_logs(&self, group: &Value, lines: &mut String) {
        const AT_ONCE: usize = 10_000;
        let mut since = 0;
        loop {
            let request = json!({"logGroupName": group, "limit": AT_ONCE, "startTime": since});
            let answer = self.ask_logs("FilterLogEvents", &request).await;
            let events = answer["events"].as_array().cloned().unwrap_or_default();
            for event in &events {
                lines.push_str(event["message"].as_str().unwrap_or_default());
                lines.push('\n');
            }
            let last = events.last().and_then(|event| event["timestamp"].as_i64());
            match last.filter(|_| events.len() == AT_ONCE) {
                Some(last) => {
                    assert!(last > since, "one moment has more lines than an answer");
                    since = last;
                }
                None => return,
            }
        }
    }

    async fn ask_logs(&self, operation: &str, request: &Value) -> Value {
        self.ask(("logs", &format!("Logs_20140328.{operation}")), "1.1", request).await
    }

    /// Asks DynamoDB itself.
    pub async fn ask_tables(&self, operation: &str, request: &Value) -> Value {
        self.ask(("dynamodb", &format!("DynamoDB_20120810.{operation}")), "1.0", request).await
    }

    /// Asks SQS itself.
    pub async fn ask_queues(&self, operation: &str, request: &Value) -> Value {
        self.ask(("sqs", &format!("AmazonSQS.{operation}")), "1.0", request).await
    }

    /// What SQS says to a request that it may refuse.
    pub async fn try_queues(&self, operation: &str, request: &Value) -> Answer {
        self.try_to_ask(("sqs", &format!("AmazonSQS.{operation}")), "1.0", request).await
    }

    /// Asks again where a service cannot answer, as AWS wants it: the emulator cannot while what it reads is written to.
    async fn ask(&self, of: (&str, &str), version: &str, request: &Value) -> Value {
        let mut answer = self.try_to_ask(of, version, request).await;
        for _ in 0..4 {
            if answer.status < 500 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            answer = self.try_to_ask(of, version, request).await;
        }
        answer.expect(200)
    }

    async fn try_to_ask(&self, (service, target): (&str, &str), version: &str, request: &Value) -> Answer {
        let request = at(Method::POST, &self.endpoint_url)
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", target)
            .header("authorization", authorization(service))
            .body(request.to_string());
        send(request).await
    }

    /// Keeps an object in one of the template's buckets, by its name behind the stage's.
    pub async fn keep(&self, bucket: &str, key: &str, body: String) -> Answer {
        send(self.in_bucket(Method::PUT, bucket, key).body(body)).await
    }

    /// The objects of one of the template's buckets whose keys begin so, and what is in each.
    pub async fn kept(&self, bucket: &str, prefix: &str) -> Vec<(String, String)> {
        let listed =
            send(self.in_bucket(Method::GET, bucket, &format!("?list-type=2&prefix={prefix}"))).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        let keys = listed.text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        let objects = keys.map(async |key| {
            let object = send(self.in_bucket(Method::GET, bucket, key)).await;
            (key.to_owned(), object.text.clone())
        });
        futures::future::join_all(objects).await
    }

    fn in_bucket(&self, method: Method, bucket: &str, rest: &str) -> Request {
        let bucket = format!("paywarden-local-{bucket}-000000000000-us-east-1");
        let address = format!("{}/{bucket}/{rest}", self.endpoint_url);
        at(method, &address).header("authorization", authorization("s3"))
    }

    /// Calls the operator's program, which `up` has built beside the tests; answers what it says.
    pub fn operator(&self, arguments: &[&str]) -> String {
        let (is_done, said) = self.try_operator(arguments);
        assert!(is_done, "{said}");
        said
    }

    /// The same of what may fail: whether it did not, and what it says, of failures too.
    pub fn try_operator(&self, arguments: &[&str]) -> (bool, String) {
        let tests = std::env::current_exe().expect("a program knows where it is");
        let program = tests.ancestors().nth(2).expect("tests are in a directory of builds").join("operator");
        let mut command = std::process::Command::new(program);
        let output = command.args(arguments).env("PAYWARDEN_LOCAL_ENDPOINT", &self.endpoint_url).output();
        let output = output.expect("the operator's program is built");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// What the receiver got on this path so far.
    pub fn received(&self, path: &str) -> Vec<Value> {
        let log = std::fs::read_to_string(&self.receiver.log).unwrap_or_default();
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        lines.filter(|line| line["path"] == path).collect()
    }
}

impl Merchant {
    pub fn provider(&self, provider_type: &str) -> &Provider {
        let found = self.providers.iter().find(|provider| provider.provider_type == provider_type);
        found.expect("a sample provider")
    }
}

/// The API, perhaps with a token.
#[derive(Clone)]
pub struct Api(Client);

impl Api {
    /// Where it is.
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// The token that is presented.
    pub async fn token(&self) -> String {
        self.0.token().await.expect("a token").expect("somebody signed in")
    }

    /// The same API with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self(self.0.with_token(token))
    }

    pub async fn request(&self, method: Method, path: &str) -> Request {
        self.0.request(method, path).await.expect("a token")
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path).await).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).await.json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path).await.json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path).await).await
    }

    /// Every item of a list.
    pub async fn all(&self, path: &str, items: &str) -> Vec<Value> {
        self.0.all(path, items).await.expect("a list")
    }

    /// Records a payment of 10,000 rupiah by QRIS.
    pub async fn record_qris(&self, reference: &str) -> Value {
        let body = json!({"direction": "receive", "method": "QRIS", "amount": 10000, "currency": "IDR",
            "transaction_reference": reference, "attributes": {"qrData": "0002", "nmid": "ID1"}});
        self.post("/transactions", &body).await.expect(201)["transaction"].clone()
    }

    /// The record, once `condition` holds for it.
    pub async fn record_when(&self, reference: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/transactions/record/{reference}");
        eventually(&path, async || {
            let answer = self.get(&path).await;
            let found = (answer.status == 200).then(|| answer.json()["transaction"].clone());
            found.filter(|transaction| condition(transaction))
        })
        .await
    }
}

/// What Xendit sends when a QR code was paid.
pub fn xendit_qr_paid(reference: &str, payment: &str) -> Value {
    json!({"event": "qr.payment", "id": payment, "amount": 10000, "created": "2026-11-20T07:55:00.000Z",
        "status": "COMPLETED", "qr_code": {"external_id": reference, "qr_string": "0002"}})
}

/// Calls back as Xendit does.
pub async fn call_back(provider: &Provider, token: &str, correlation_id: &str, body: &Value) -> Answer {
    let request = at(Method::POST, &provider.callback_url)
        .header("x-callback-token", token)
        .header("x-correlation-id", correlation_id);
    send(request.json(body)).await
}

/// What the emulator wants to see of a signature: of which service it is.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// A request without a token for an absolute address.
pub fn at(method: Method, address: &str) -> Request {
    Request::new(Arc::new(Plain::default()), method, address)
}

pub async fn send(request: Request) -> Answer {
    Answer(request.send().await.expect("the stack answers"))
}

/// A word that no other test and no earlier run has used.
pub fn unique(word: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
    format!("{word}-{now}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Asks until there is an answer.
pub async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, ask).await
}

/// Asks until there is an answer, for so long.
pub async fn eventually_within<T>(patience: Duration, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| panic!("{what}: did not happen in time"))
}
