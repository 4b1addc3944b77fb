//! Endpoints and deliveries to them, and the hall of a process that delivers.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use paywarden_domain::id::{DeliveryId, EndpointId, MerchantId, TransactionId};
use paywarden_domain::time::Clock;
use paywarden_domain::webhook::signing::SigningKey;
use paywarden_domain::webhook::{Delivery, Endpoint, EventType, SignatureScheme};
use paywarden_store::StoreError;
use paywarden_store::dynamo::Dynamo;
use paywarden_store::env::Env;
use paywarden_store::keys::KeySource;
use paywarden_store::objects::Objects;
use paywarden_store::queue::Queue;
use paywarden_store::services::Services;
use paywarden_store::stores::Stores;
use paywarden_store::system::{SystemClock, SystemEntropy};
use paywarden_store::vault::{Context, Opener, Vault};
use paywarden_store::webhooks::StoredEndpoint;
use paywarden_testing::{SeededEntropy, TestStage, builders};

/// Bytes of a body: those of a payment's record.
const BODY_BYTES: usize = 1_000;

/// What the process of a function is told here; the waits are those of the template's parameter.
const VARIABLES: [(&str, &str); 8] = [
    ("WEBHOOKS_TABLE", "WebhooksTable"),
    ("MERCHANTS_TABLE", "MerchantsTable"),
    ("TIMELINE_TABLE", "TimelineTable"),
    ("TIMELINE_RETENTION_DAYS", "400"),
    ("WEBHOOK_DELIVERIES_QUEUE_URL", "first"),
    ("WEBHOOK_RETRIES_QUEUE_URL", "again"),
    ("WEBHOOK_RETRY_SECONDS", "5,300,1800,7200,18000,36000,50400,72000,86400"),
    ("WEBHOOK_ALLOW_LOOPBACK", "true"),
];

/// An endpoint at this address whose secret lies open.
pub async fn endpoint(stage: &TestStage, merchant: &MerchantId, number: usize, url: String) -> EndpointId {
    let id = EndpointId::derived("bench", &[&number.to_be_bytes()]);
    let secret = SigningKey::generate(SignatureScheme::V1, &SeededEntropy::new(1)).reveal();
    let created_at = builders::at("2026-11-20T08:00:00Z");
    let endpoint = Endpoint::new(id.clone(), merchant.clone(), url, EventType::DEFAULT.to_vec(), created_at);
    let stored = StoredEndpoint { endpoint, sealed_secret: secret, previous_secret: None };
    stage.endpoints().create(&stored).await.unwrap();
    id
}

/// The address of a receiver as an endpoint has it.
pub fn url(receiver: SocketAddr, path: &str) -> String {
    format!("http://{receiver}/{path}")
}

/// A delivery that tells an endpoint of a payment of this number.
pub fn delivery(merchant: &MerchantId, endpoint: &EndpointId, number: usize) -> Delivery {
    let now = SystemClock.now();
    let transaction = TransactionId::of(merchant, &format!("INV{number:06}"), 1);
    let id = DeliveryId::of(endpoint, transaction.as_str(), 1, now);
    let body = body(number);
    Delivery {
        transaction_id: Some(transaction),
        version: Some(1),
        correlation_id: Some("corr-1".to_owned()),
        ..Delivery::new(id, (endpoint.clone(), merchant.clone()), EventType::TransactionCreated, body, now)
    }
}

/// As long as a payment's, and as varied.
pub fn body(number: usize) -> String {
    let record = format!(r#"{{"transaction_reference":"INV{number:06}","amount":10000,"padding":"#);
    let filling: String = (0..)
        .map(|at: usize| char::from(b'a' + u8::try_from(at * at % 23).unwrap()))
        .take(BODY_BYTES - record.len() - 22)
        .collect();
    format!(r#"{{"transactions":[{record}"{filling}"}}]}}"#)
}

/// What a process that delivers works with.
pub fn stores(dynamo: Dynamo, queue: Arc<dyn Queue>) -> Stores {
    let services = Arc::new(Here { dynamo, queue });
    Stores::new(Env::of(&VARIABLES), services, Arc::new(SystemClock), Arc::new(SystemEntropy))
}

/// Tables and one queue; secrets lie open, as they do in a function's cache.
struct Here {
    dynamo: Dynamo,
    queue: Arc<dyn Queue>,
}

impl Services for Here {
    fn dynamo(&self) -> Dynamo {
        self.dynamo.clone()
    }

    fn queue(&self, _: String) -> Arc<dyn Queue> {
        Arc::clone(&self.queue)
    }

    fn objects(&self, bucket: String) -> Arc<dyn Objects> {
        panic!("nobody needs the bucket {bucket}")
    }

    fn opener(&self) -> Arc<dyn Opener> {
        Arc::new(Open)
    }

    fn vault(&self, key_id: String) -> Arc<dyn Vault> {
        panic!("nobody seals under {key_id}")
    }

    fn keys(&self, secret_id: String, _: Arc<dyn Clock>) -> Arc<dyn KeySource> {
        panic!("nobody needs the keys {secret_id}")
    }
}

struct Open;

#[async_trait]
impl Opener for Open {
    async fn open(&self, _: &Context, sealed: &str) -> Result<String, StoreError> {
        Ok(sealed.to_owned())
    }
}
