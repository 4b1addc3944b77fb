//! Webhook endpoints as merchants and engineers manage them.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde_json::{Value, json};

use crate::stack::{Api, Stack, eventually, unique};
use crate::webhooks::verify;

/// An endpoint at a path of the sample receiver.
struct Managed {
    stack: Stack,
    api: Api,
    /// Where its receiver listens.
    path: String,
    /// Its own path in the API.
    address: String,
    /// As it was created.
    created: Value,
}

impl Managed {
    /// Created by a merchant's system, with further members of the body; an engineer goes on.
    async fn create(members: &Value) -> Self {
        Self::create_at(&format!("/{}", unique("managed")), members).await
    }

    async fn create_at(path: &str, members: &Value) -> Self {
        let stack = Stack::read();
        let merchant = stack.jakarta();
        let mut body = json!({"url": format!("{}{path}", stack.receiver.url), "description": "A test"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let api = stack.sign_in(merchant, "merchant").await;
        let created = api.post("/webhook-endpoints", &body).await.expect(201);
        let api = stack.sign_in(merchant, "engineering").await;
        let id = created["webhook_endpoint"]["id"].as_str().unwrap();
        let address = format!("/webhook-endpoints/{id}");
        Self { address, api, path: path.to_owned(), created, stack }
    }

    async fn shown(&self) -> Value {
        self.api.get(&self.address).await.expect(200)["webhook_endpoint"].clone()
    }

    async fn patch(&self, body: &Value) -> Value {
        self.api.patch(&self.address, body).await.expect(200)["webhook_endpoint"].clone()
    }

    /// Sends a test event and answers the delivery's id.
    async fn test(&self) -> String {
        let answer = self.api.post(&format!("{}/test", self.address), &Value::Null).await.expect(202);
        answer["delivery"]["id"].as_str().unwrap().to_owned()
    }

    /// A delivery, once it has come this far.
    async fn delivery_when(&self, id: &str, status: &str) -> Value {
        let address = format!("{}/deliveries/{id}", self.address);
        eventually(status, async || {
            let delivery = self.api.get(&address).await.expect(200)["delivery"].clone();
            (delivery["status"] == status).then_some(delivery)
        })
        .await
    }

    /// Makes room: a merchant has few endpoints.
    async fn end(self) {
        self.api.delete(&self.address).await.expect(200);
    }

    /// What the receiver got of a delivery, in order of arrival.
    fn received(&self, id: &str) -> Vec<Value> {
        let mut received = self.stack.received(&self.path);
        received.retain(|one| one["headers"]["webhook-id"] == id);
        received
    }
}

/// Whether a receiver that has the public key takes it.
fn verify_by(public_key: &str, received: &Value) -> bool {
    let bytes = BASE64.decode(public_key.strip_prefix("whpk_").unwrap().as_bytes()).unwrap();
    let key = VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap();
    let header = |name: &str| received["headers"][name].as_str().unwrap();
    let body = received["body"].as_str().unwrap();
    let message = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let mut signatures = header("webhook-signature")
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1a,"))
        .map(|signature| Signature::from_slice(&BASE64.decode(signature.as_bytes()).unwrap()).unwrap());
    signatures.any(|signature| key.verify(message.as_bytes(), &signature).is_ok())
}

#[tokio::test]
async fn a_test_event_at_its_creation_arrives_and_its_delivery_tells_how() {
    let endpoint = Managed::create(&json!({"test": true, "rate_limit": 100})).await;
    let secret = endpoint.created["webhook_endpoint"]["secret"].as_str().unwrap();
    let id = endpoint.created["delivery"]["id"].as_str().unwrap();
    let delivery = endpoint.delivery_when(id, "DELIVERED").await;
    let received = endpoint.received(id).remove(0);
    verify(secret, &received).unwrap();
    assert_eq!(delivery["body"], received["body"]);
    let body: Value = serde_json::from_str(received["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["event"], "webhook.test");
    assert_eq!(body["webhook_endpoint"]["id"], endpoint.created["webhook_endpoint"]["id"]);
    let attempt = &delivery["attempt_log"][0];
    assert_eq!((&attempt["number"], &attempt["http_status"]), (&json!(1), &json!(200)));
    let headers = attempt["request_headers"].as_object().unwrap();
    for (name, value) in headers {
        assert_eq!(*value, received["headers"][name], "{name}: what is shown is what was sent");
    }
    endpoint.end().await;
}

#[tokio::test]
async fn attempts_that_failed_are_on_the_delivery() {
    // Nothing but the test event may come, or what others' payments came to would stand in the lists.
    let members = json!({"retry_seconds": [1, 1], "events": ["webhook_endpoint.disabled"]});
    let endpoint = Managed::create_at("/flaky/2/webhook.test", &members).await;
    let id = endpoint.test().await;
    let delivery = endpoint.delivery_when(&id, "DELIVERED").await;
    let attempts = delivery["attempt_log"].as_array().unwrap();
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt["http_status"].clone()).collect();
    assert_eq!(statuses, [500, 500, 200]);
    assert_eq!((&delivery["attempts"], &delivery["http_status"]), (&json!(3), &json!(200)));
    let listed =
        endpoint.api.get(&format!("{}/deliveries?status=DELIVERED", endpoint.address)).await.expect(200);
    assert_eq!(listed["deliveries"][0]["id"], delivery["id"]);
    let failed =
        endpoint.api.get(&format!("{}/deliveries?http_class=5xx", endpoint.address)).await.expect(200);
    assert_eq!(failed["deliveries"], json!([]));
    endpoint.end().await;
}

#[tokio::test]
async fn what_happens_while_it_is_paused_arrives_when_it_goes_on() {
    let endpoint = Managed::create(&json!({})).await;
    let paused = endpoint.patch(&json!({"status": "PAUSED"})).await;
    assert_eq!((&paused["status"], &paused["version"]), (&json!("PAUSED"), &json!(2)));
    let refused = endpoint.api.post(&format!("{}/test", endpoint.address), &Value::Null).await.expect(409);
    assert_eq!(refused["error"]["code"], "endpoint_not_enabled");
    let reference = unique("PAUSED");
    let merchant = endpoint.stack.sign_in(endpoint.stack.jakarta(), "merchant").await;
    let transaction = merchant.record_qris(&reference).await["id"].as_str().unwrap().to_owned();
    let listing = format!("{}/deliveries?status=PARKED&transaction_id={transaction}", endpoint.address);
    let id = eventually("a delivery that is parked", async || {
        let parked = endpoint.api.get(&listing).await.expect(200);
        parked["deliveries"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(endpoint.received(&id), Vec::<Value>::new());
    endpoint.patch(&json!({"status": "ENABLED"})).await;
    endpoint.delivery_when(&id, "DELIVERED").await;
    assert_eq!(endpoint.received(&id).len(), 1);
    endpoint.end().await;
}

#[tokio::test]
async fn while_secrets_overlap_receivers_with_either_take_it() {
    let endpoint = Managed::create(&json!({})).await;
    let first = endpoint.created["webhook_endpoint"]["secret"].as_str().unwrap();
    let rotate = async |body: Value| {
        let rotated =
            endpoint.api.post(&format!("{}/rotate-secret", endpoint.address), &body).await.expect(200);
        rotated["webhook_endpoint"]["secret"].as_str().unwrap().to_owned()
    };
    let second = rotate(json!({"overlap_hours": 1})).await;
    let id = endpoint.test().await;
    endpoint.delivery_when(&id, "DELIVERED").await;
    let received = endpoint.received(&id).remove(0);
    assert!(verify(first, &received).is_ok() && verify(&second, &received).is_ok());
    let third = rotate(json!({"overlap_hours": 0})).await;
    let id = endpoint.test().await;
    endpoint.delivery_when(&id, "DELIVERED").await;
    let received = endpoint.received(&id).remove(0);
    assert!(verify(&third, &received).is_ok() && verify(&second, &received).is_err());
    endpoint.end().await;
}

#[tokio::test]
async fn whoever_has_the_public_key_verifies_and_nobody_is_shown_another() {
    let endpoint = Managed::create(&json!({"signature": "v1a"})).await;
    let created = &endpoint.created["webhook_endpoint"];
    let first = created["public_key"].as_str().unwrap();
    assert_eq!((&created["secret"], endpoint.created.to_string().contains("whsk_")), (&Value::Null, false));
    let rotating = format!("{}/rotate-secret", endpoint.address);
    let rotated = endpoint.api.post(&rotating, &json!({})).await.expect(200);
    let second = rotated["webhook_endpoint"]["public_key"].as_str().unwrap();
    let id = endpoint.test().await;
    endpoint.delivery_when(&id, "DELIVERED").await;
    let received = endpoint.received(&id).remove(0);
    assert!(verify_by(first, &received) && verify_by(second, &received));
    let mut altered = received.clone();
    altered["body"] = json!(received["body"].as_str().unwrap().replace("webhook.test", "webhook.tset"));
    assert!(!verify_by(second, &altered), "the signature covers the body");
    endpoint.end().await;
}

#[tokio::test]
async fn a_deleted_one_is_gone_and_told_nothing() {
    let endpoint = Managed::create(&json!({})).await;
    assert_eq!(endpoint.shown().await["health"]["breaker"], "CLOSED");
    endpoint.api.delete(&endpoint.address).await.expect(200);
    for path in ["", "/deliveries"] {
        endpoint.api.get(&format!("{}{path}", endpoint.address)).await.expect(404);
    }
    endpoint.api.post(&format!("{}/test", endpoint.address), &Value::Null).await.expect(404);
    let listed = endpoint.api.all("/webhook-endpoints", "webhook_endpoints").await;
    assert!(listed.iter().all(|one| one["id"] != endpoint.created["webhook_endpoint"]["id"]));
}

#[tokio::test]
async fn merchants_engineers_and_admins_manage_endpoints_and_nobody_else() {
    let endpoint = Managed::create(&json!({})).await;
    let merchant = endpoint.stack.jakarta();
    for (role, may) in [
        ("merchant", true),
        ("engineering", true),
        ("admin", true),
        ("operations", false),
        ("finance", false),
    ] {
        let api = endpoint.stack.sign_in(merchant, role).await;
        let (reading, writing) = if may { (200, 202) } else { (403, 403) };
        for path in ["", "/deliveries"] {
            api.get(&format!("{}{path}", endpoint.address)).await.expect(reading);
        }
        api.get("/event-types").await.expect(reading);
        api.patch(&endpoint.address, &json!({"description": role})).await.expect(reading);
        api.post(&format!("{}/test", endpoint.address), &Value::Null).await.expect(writing);
        api.post(&format!("{}/rotate-secret", endpoint.address), &json!({})).await.expect(reading);
        if !may {
            api.delete(&endpoint.address).await.expect(403);
        }
    }
    let foreign = endpoint.stack.sign_in(endpoint.stack.merchant("Africa/Johannesburg"), "admin").await;
    foreign.get(&endpoint.address).await.expect(404);
    foreign.delete(&endpoint.address).await.expect(404);
    endpoint.end().await;
}
