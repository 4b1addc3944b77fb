//! Against the real store code on an in-process DynamoDB, with queue and vault in memory.

use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::vocabulary::Status;
use paywarden_store::dynamo::Consumed;
use paywarden_testing::{TestStage, events};
use serde_json::Value;

use super::*;
use paywarden_domain::timeline::{EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_store::queue::Message;
use serde_json::json;

mod bounds;
mod midtrans;
mod other_events;
mod sender;

const TOKEN: &str = "sample-xendit-callback-token";

struct Fixture {
    stage: TestStage,
    deps: Deps,
    merchant: Merchant,
    provider: Provider,
}

impl Fixture {
    async fn new() -> Self {
        let stage = TestStage::start().await;
        let deps = Deps::of(&stage.stores_of(env!("CARGO_PKG_NAME"))).unwrap();
        let merchant = stage.add_merchant("Kopi Nusantara").await;
        let provider =
            stage.add_provider(&merchant, ProviderType::Xendit, &json!({"callback_token": TOKEN})).await;
        Self { stage, deps, merchant, provider }
    }

    async fn post(&self, provider: &str, token: Option<&str>, body: &str) -> Result<Answer, Problem> {
        let mut request = ApiRequest::new(lambda_http::http::Method::POST, "/callbacks/x")
            .with_path_parameter("provider_id", provider)
            .with_body(body);
        if let Some(token) = token {
            request.headers.insert("x-callback-token", token.parse().unwrap());
        }
        handle(&self.deps, request).await
    }

    async fn own(&self, token: Option<&str>, body: &str) -> Result<Answer, Problem> {
        self.post(self.provider.id.as_str(), token, body).await
    }

    fn queued(&self) -> Vec<Message> {
        self.stage.transaction_events.take()
    }
}

fn paid() -> Value {
    json!({"event": "qr.payment", "id": "qrpy_1", "amount": 10000, "created": "2026-11-20T07:55:00Z",
        "status": "COMPLETED", "qr_code": {"external_id": "INV0045", "qr_string": "0002"}})
}

#[tokio::test]
async fn a_verified_report_is_queued_before_it_is_acknowledged() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.own(Some(TOKEN), &paid().to_string()).await.unwrap().status, 200);
    let [message] = fixture.queued().try_into().unwrap();
    let callback: VerifiedCallback = serde_json::from_str(&message.body).unwrap();
    assert_eq!(callback.merchant_id, fixture.merchant.id);
    assert_eq!((callback.grade, callback.correlation_id.as_str()), (TrustGrade::Keyed, "req-test"));
    let [report] = callback.reports.try_into().unwrap();
    assert_eq!((report.reference.as_deref(), report.status()), (Some("INV0045"), Some(Status::Paid)));
    assert_eq!(message.correlation_id.as_deref(), Some("req-test"));
    assert_eq!(message.group.as_deref(), Some(fixture.provider.id.as_str()));
    assert!(!message.body.contains(TOKEN), "the queue holds no secret");
}

#[tokio::test]
async fn what_the_queue_did_not_take_is_not_acknowledged() {
    let fixture = Fixture::new().await;
    fixture.stage.transaction_events.fail_next(1);
    let problem = fixture.own(Some(TOKEN), &paid().to_string()).await.unwrap_err();
    assert_eq!(problem.status(), 503);
    assert!(fixture.own(Some(TOKEN), &paid().to_string()).await.is_ok(), "the provider's retry goes through");
}

#[tokio::test]
async fn a_refused_signature_stores_nothing_and_costs_no_write() {
    let fixture = Fixture::new().await;
    fixture.own(Some(TOKEN), &paid().to_string()).await.unwrap();
    let _ = (fixture.queued(), fixture.stage.dynamo.take_consumed());
    for token in [None, Some(""), Some("somebody-else"), Some("sample-xendit-callback-tokeN")] {
        let problem = fixture.own(token, &paid().to_string()).await.unwrap_err();
        assert_eq!((problem.status(), problem.code()), (401, "unauthorized"), "{token:?}");
    }
    assert_eq!(fixture.stage.dynamo.take_consumed(), Consumed::default());
    assert!(fixture.queued().is_empty());
    assert_eq!(fixture.stage.count("TimelineTable"), 0);
}

#[tokio::test]
async fn unknown_providers_and_texts_that_are_no_id_look_the_same() {
    let fixture = Fixture::new().await;
    let mut bodies = Vec::new();
    for id in ["prv_00000000000000000000000000", "prv_x", "nonsense"] {
        let problem = fixture.post(id, Some(TOKEN), &paid().to_string()).await.unwrap_err();
        assert_eq!(problem.status(), 404);
        bodies.push(problem.to_answer("r").body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_malformed_body_behind_a_good_signature_is_kept_and_refused_by_name() {
    let fixture = Fixture::new().await;
    let mut body = paid();
    body["amount"] = json!("ten");
    let problem = fixture.own(Some(TOKEN), &body.to_string()).await.unwrap_err();
    assert_eq!((problem.status(), &problem.error_json("r")["parameter"]), (400, &json!("amount")));
    assert!(fixture.queued().is_empty());
    let subject = Subject::unmatched(&fixture.provider.id, fixture.stage.clock().now());
    let [entry] =
        fixture.stage.timeline().list(&subject, 10, None).await.unwrap().entries.try_into().unwrap();
    assert_eq!(entry.kind, EntryKind::ProviderMessage);
    assert!(entry.detail["body"].as_str().unwrap().contains("\"ten\""));
}

#[tokio::test]
async fn a_body_beyond_any_callbacks_length_is_413() {
    let fixture = Fixture::new().await;
    let long = "x".repeat(MAX_CALLBACK_BYTES + 1);
    assert_eq!(fixture.own(Some(TOKEN), &long).await.unwrap_err().status(), 413);
}

#[tokio::test]
async fn samples_are_answered() {
    let fixture = Fixture::new().await;
    let expected = events::statuses(&[
        ("xendit-qr-paid", 200),
        ("wrong-token", 401),
        ("no-token", 401),
        ("unknown-provider", 404),
        ("malformed", 400),
        ("not-booked", 200),
    ]);
    let answers = events::answers(env!("CARGO_PKG_NAME"), |request| handle(&fixture.deps, request)).await;
    assert_eq!(answers, expected);
}
