//! Against the real store code on an in-process DynamoDB and receivers on loopback ports.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use paywarden_domain::id::{DeliveryId, EndpointId, MerchantId, TransactionId};
use paywarden_domain::webhook::address::AddressPolicy;
use paywarden_domain::webhook::{Endpoint, EventType};
use paywarden_testing::{TestStage, events};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A receiver that answers these statuses one after the other, then 200.
struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<u32>>,
}

impl Receiver {
    async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(0));
        let count = Arc::clone(&received);
        tokio::spawn(async move {
            let mut statuses = statuses.iter();
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = [0; 16_384];
                let _ = connection.read(&mut request).await;
                *count.lock().unwrap() += 1;
                let status = statuses.next().unwrap_or(&200);
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = connection.write_all(answer.as_bytes()).await;
                let _ = connection.shutdown().await;
            }
        });
        Self { address, received }
    }

    fn received(&self) -> u32 {
        *self.received.lock().unwrap()
    }
}

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: MerchantId,
    endpoint: EndpointId,
    delivery: Delivery,
}

impl Fixture {
    /// A planned delivery to an endpoint at this address.
    async fn new(address: SocketAddr) -> Self {
        let stage = TestStage::start().await;
        let deps = Deps {
            endpoints: stage.endpoints(),
            deliveries: stage.deliveries(),
            timeline: stage.timeline(),
            vault: stage.vault.clone(),
            retries: stage.webhook_retries.clone(),
            schedule: RetrySchedule::parse("5,3600").unwrap(),
            sender: Sender::new(AddressPolicy::AllowLoopback, Duration::from_secs(5), stage.clock()).unwrap(),
            clock: stage.clock(),
            entropy: stage.entropy.clone(),
        };
        let merchant = stage.add_merchant("Kopi Nusantara").await.id;
        let endpoint = add_endpoint(&stage, &merchant, &format!("http://{address}/hooks")).await;
        let delivery = delivery(&stage, &merchant, &endpoint);
        deps.deliveries.plan(&delivery).await.unwrap();
        Self { stage, deps, merchant, endpoint, delivery }
    }

    /// Handles one pointer and answers whether its message came back.
    async fn attempt(&self, number: u32) -> bool {
        let pointer = Pointer { delivery_id: self.delivery.id.clone(), attempt: number };
        let mut message = SqsMessage::default();
        message.message_id = Some("m1".to_owned());
        message.body = Some(json!(pointer).to_string());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        !handle(&self.deps, event).await.batch_item_failures.is_empty()
    }

    async fn stored(&self) -> Delivery {
        self.deps.deliveries.find(&self.delivery.id).await.unwrap().unwrap()
    }

    fn queued(&self) -> Vec<(u32, u32)> {
        let messages = self.stage.webhook_retries.take().into_iter();
        messages
            .map(|message| {
                let pointer: Pointer = serde_json::from_str(&message.body).unwrap();
                assert_eq!(pointer.delivery_id, self.delivery.id);
                assert_eq!(message.group.as_deref(), Some(self.endpoint.as_str()));
                (pointer.attempt, message.delay_seconds)
            })
            .collect()
    }

    async fn timeline(&self) -> Vec<String> {
        let subject = Subject::Transaction(self.delivery.transaction_id.clone().unwrap());
        let entries = self.deps.timeline.list(&subject, 100, None).await.unwrap().entries;
        entries.into_iter().map(|entry| entry.summary).collect()
    }

    async fn endpoint_status(&self) -> EndpointStatus {
        let stored = self.deps.endpoints.find(&self.merchant, &self.endpoint).await.unwrap();
        stored.unwrap().endpoint.status
    }
}

async fn add_endpoint(stage: &TestStage, merchant: &MerchantId, url: &str) -> EndpointId {
    let id = EndpointId::mint(stage.clock().now(), stage.entropy.as_ref());
    let secret = SigningSecret::generate(stage.entropy.as_ref()).reveal();
    let sealed_secret = stage.vault.seal(&Context::endpoint(merchant, &id), &secret).await.unwrap();
    let endpoint = Endpoint {
        id: id.clone(),
        merchant_id: merchant.clone(),
        url: url.to_owned(),
        events: EventType::DEFAULT.to_vec(),
        description: None,
        status: EndpointStatus::Enabled,
        created_at: stage.clock().now(),
    };
    stage.endpoints().create(&StoredEndpoint { endpoint, sealed_secret }).await.unwrap();
    id
}

fn delivery(stage: &TestStage, merchant: &MerchantId, endpoint: &EndpointId) -> Delivery {
    let transaction = TransactionId::of(merchant, "INV0045", 1);
    Delivery {
        id: DeliveryId::of(endpoint, transaction.as_str(), 1),
        endpoint_id: endpoint.clone(),
        merchant_id: merchant.clone(),
        transaction_id: Some(transaction),
        event: EventType::TransactionCreated,
        body: "{\"transactions\":[]}".to_owned(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_attempt_at: Some(stage.clock().now()),
        created_at: stage.clock().now(),
        correlation_id: Some("corr-1".to_owned()),
    }
}

#[tokio::test]
async fn a_delivery_that_arrives_is_done() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(receiver.address).await;
    assert!(!fixture.attempt(1).await);
    let stored = fixture.stored().await;
    assert_eq!(
        (stored.status, stored.attempts, stored.next_attempt_at),
        (DeliveryStatus::Delivered, 1, None)
    );
    assert_eq!(fixture.timeline().await, ["Webhook attempt 1 answered 200"]);
    assert!(fixture.queued().is_empty());
    // The same pointer again posts nothing.
    assert!(!fixture.attempt(1).await);
    assert_eq!(receiver.received(), 1);
}

#[tokio::test]
async fn a_receiver_that_fails_is_booked_and_the_message_is_done_with() {
    let receiver = Receiver::answering(&[500, 503]).await;
    let fixture = Fixture::new(receiver.address).await;
    assert!(!fixture.attempt(1).await);
    let [(attempt, delay)] = fixture.queued().try_into().unwrap();
    assert_eq!(attempt, 2);
    fixture.stage.clock.advance_seconds(delay.into());
    assert!((4..=6).contains(&delay), "5 seconds, give or take a fifth: {delay}");
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Pending);
    // The second wait is an hour: too long for a queue, so it stands in the due index.
    assert!(!fixture.attempt(2).await);
    assert!(fixture.queued().is_empty());
    let due = fixture.stored().await.next_attempt_at.unwrap();
    let mut found = Vec::new();
    for shard in 0..paywarden_store::webhooks::DUE_SHARDS {
        found.extend(fixture.deps.deliveries.due(shard, due, 10).await.unwrap());
    }
    assert_eq!(found, std::slice::from_ref(&fixture.delivery.id));
    // The receiver is back.
    fixture.stage.clock.advance_seconds(3600);
    assert!(!fixture.attempt(3).await);
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Delivered);
    assert_eq!(receiver.received(), 3);
    assert_eq!(
        fixture.timeline().await,
        [
            "Webhook attempt 1 answered 500",
            "Webhook attempt 2 answered 503",
            "Webhook attempt 3 answered 200"
        ]
    );
}

#[tokio::test]
async fn the_schedule_runs_out() {
    let receiver = Receiver::answering(&[500, 500, 500]).await;
    let fixture = Fixture::new(receiver.address).await;
    for attempt in 1..=3 {
        assert!(!fixture.attempt(attempt).await);
    }
    let stored = fixture.stored().await;
    assert_eq!((stored.status, stored.attempts, stored.next_attempt_at), (DeliveryStatus::Failed, 3, None));
}

#[tokio::test]
async fn an_attempt_that_is_booked_is_not_made_again_but_the_next_one_is_queued() {
    let receiver = Receiver::answering(&[500]).await;
    let fixture = Fixture::new(receiver.address).await;
    fixture.stage.webhook_retries.fail_next(1);
    assert!(fixture.attempt(1).await, "the queue failed: the message comes back");
    assert!(!fixture.attempt(1).await);
    assert_eq!(receiver.received(), 1);
    let [(attempt, _)] = fixture.queued().try_into().unwrap();
    assert_eq!(attempt, 2);
}

#[tokio::test]
async fn gone_switches_the_endpoint_off_and_what_waits_is_abandoned() {
    let receiver = Receiver::answering(&[410]).await;
    let fixture = Fixture::new(receiver.address).await;
    let mut waiting = fixture.delivery.clone();
    waiting.id = DeliveryId::of(&fixture.endpoint, waiting.transaction_id.as_ref().unwrap().as_str(), 2);
    fixture.deps.deliveries.plan(&waiting).await.unwrap();
    assert!(!fixture.attempt(1).await);
    assert_eq!(fixture.endpoint_status().await, EndpointStatus::Disabled);
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Failed);
    let fixture = Fixture { delivery: waiting, ..fixture };
    assert!(!fixture.attempt(1).await);
    assert_eq!(fixture.stored().await.status, DeliveryStatus::Failed);
    assert_eq!(receiver.received(), 1);
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_our_fault() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(receiver.address).await;
    let id = EndpointId::derived("test", &[b"moved"]);
    let stored = fixture.deps.endpoints.find(&fixture.merchant, &fixture.endpoint).await.unwrap().unwrap();
    let moved = StoredEndpoint { endpoint: Endpoint { id: id.clone(), ..stored.endpoint }, ..stored };
    fixture.deps.endpoints.create(&moved).await.unwrap();
    let delivery = delivery(&fixture.stage, &fixture.merchant, &id);
    fixture.deps.deliveries.plan(&delivery).await.unwrap();
    let fixture = Fixture { delivery, ..fixture };
    assert!(fixture.attempt(1).await, "the message comes back");
    assert_eq!((receiver.received(), fixture.stored().await.attempts), (0, 0));
}

#[tokio::test]
async fn a_delivery_that_is_gone_is_done_with() {
    let receiver = Receiver::answering(&[]).await;
    let mut fixture = Fixture::new(receiver.address).await;
    fixture.delivery.id = DeliveryId::derived("test", &[b"gone"]);
    assert!(!fixture.attempt(1).await);
}

#[tokio::test]
async fn samples_are_handled() {
    let receiver = Receiver::answering(&[]).await;
    let fixture = Fixture::new(receiver.address).await;
    for (case, event) in events::parsed::<SqsEvent>("deliver-webhooks") {
        let failures = handle(&fixture.deps, event).await.batch_item_failures.len();
        assert_eq!(failures, usize::from(case == "unreadable"), "{case}");
    }
}
