//! What merchants' servers hear.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::stack::{Api, Stack, call_back, eventually, unique, xendit_qr_paid};

/// Creates an endpoint at a path of the sample receiver and answers its secret.
async fn create_endpoint(stack: &Stack, api: &Api, path: &str) -> String {
    let body = json!({"url": format!("{}{path}", stack.receiver.url), "description": "A test"});
    let created = api.post("/webhook-endpoints", &body).await.expect(201);
    created["webhook_endpoint"]["secret"].as_str().unwrap().to_owned()
}

/// What arrived about this reference, in order of arrival.
fn about(stack: &Stack, path: &str, reference: &str) -> Vec<Value> {
    let mut received = stack.received(path);
    received.retain(|one| transaction(one)["transaction_reference"] == reference);
    received
}

/// The attempts to tell that it was paid.
fn about_its_payment(stack: &Stack, path: &str, reference: &str) -> Vec<Value> {
    let mut received = about(stack, path, reference);
    received.retain(|one| transaction(one)["status"] == "PAID");
    received
}

fn transaction(received: &Value) -> Value {
    let body: Value = serde_json::from_str(received["body"].as_str().unwrap()).unwrap();
    body["transactions"][0].clone()
}

/// Whether a receiver that has the secret takes it.
pub fn verify(secret: &str, received: &Value) -> Result<(), standardwebhooks::WebhookError> {
    let headers = received["headers"].as_object().unwrap().iter();
    let headers: HeaderMap = headers
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value.as_str().unwrap()).unwrap())
        })
        .collect();
    Webhook::new(secret).unwrap().verify(received["body"].as_str().unwrap().as_bytes(), &headers)
}

#[tokio::test]
async fn every_change_arrives_signed_in_the_documents_shape() {
    let stack = Stack::read();
    let (merchant, reference, path) = (stack.jakarta(), unique("HOOK"), format!("/{}", unique("hooks")));
    let (api, xendit) = (stack.sign_in(merchant, "merchant").await, merchant.provider("xendit"));
    let secret = create_endpoint(&stack, &api, &path).await;
    api.record_qris(&reference).await;
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    call_back(xendit, &xendit.credentials["callback_token"], &unique("corr"), &body).await;
    let mut received = eventually("two webhooks", async || {
        let received = about(&stack, &path, &reference);
        (received.len() >= 2).then_some(received)
    })
    .await;
    received.sort_by_key(|one| transaction(one)["version"].as_u64());
    for one in &received {
        verify(&secret, one).unwrap();
        let mut altered = one.clone();
        altered["body"] = json!(one["body"].as_str().unwrap().replace("10000", "10001"));
        assert!(verify(&secret, &altered).is_err(), "the signature covers the body");
    }
    let statuses: Vec<_> = received.iter().map(|one| transaction(one)["status"].clone()).collect();
    assert_eq!(statuses, ["PENDING", "PAID"]);
    let record = api.record_when(&reference, |_| true).await;
    assert_eq!(transaction(&received[1]), record, "the same record as the API answers");
}

#[tokio::test]
async fn a_receiver_that_fails_twice_gets_it_the_third_time_under_the_same_id() {
    let stack = Stack::read();
    let (merchant, reference) = (stack.jakarta(), unique("FLAKY"));
    // Of others' payments it takes everything, or their failures would open its breaker.
    let path = format!("/flaky/2/{reference}");
    let (api, engineer) =
        (stack.sign_in(merchant, "merchant").await, stack.sign_in(merchant, "engineering").await);
    let recorded = api.record_qris(&reference).await;
    let secret = create_endpoint(&stack, &api, &path).await;
    let xendit = merchant.provider("xendit");
    let body = xendit_qr_paid(&reference, &unique("qrpy"));
    call_back(xendit, &xendit.credentials["callback_token"], &unique("corr"), &body).await;
    let logs_path = format!("/transactions/{}/logs", recorded["id"].as_str().unwrap());
    let attempts = eventually("a delivery after failures", async || {
        let logs = engineer.get(&logs_path).await.expect(200)["logs"].as_array().unwrap().clone();
        let id = about_its_payment(&stack, &path, &reference).first()?["headers"]["webhook-id"].clone();
        let attempts: Vec<_> = logs.into_iter().filter(|log| log["detail"]["delivery_id"] == id).collect();
        (attempts.len() == 3).then_some(attempts)
    })
    .await;
    let told: Vec<_> = attempts
        .iter()
        .map(|log| (log["detail"]["attempt"].clone(), log["detail"]["http_status"].clone()))
        .collect();
    assert_eq!(told, [(json!(1), json!(500)), (json!(2), json!(500)), (json!(3), json!(200))]);
    let received = about_its_payment(&stack, &path, &reference);
    let id = &received[0]["headers"]["webhook-id"];
    assert_eq!(received.len(), 3, "no attempt behind the one that was answered");
    assert!(received.iter().all(|one| one["headers"]["webhook-id"] == *id));
    assert!(received.iter().all(|one| verify(&secret, one).is_ok()), "each attempt is signed anew");
}
