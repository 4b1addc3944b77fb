//! Against the real store code on an in-process DynamoDB, with queue and vault in memory.

use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::timeline::{EntryKind, Subject};
use paywarden_domain::transaction::callback::VerifiedCallback;
use paywarden_domain::transaction::report::TrustGrade;
use paywarden_domain::vocabulary::Status;
use paywarden_store::dynamo::Consumed;
use paywarden_testing::TestDoor;
use serde_json::{Value, json};

use super::*;
use crate::DOOR;

mod bounds;
mod midtrans;
mod other_events;
mod paths;
mod sender;

const TOKEN: &str = "sample-xendit-callback-token";

/// With a provider that proves itself by the token.
async fn open() -> (TestDoor<Deps>, Provider) {
    let door = TestDoor::open_to_strangers(DOOR, Deps::of, handle).await;
    let credentials = json!({"callback_token": TOKEN});
    let provider = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &credentials).await;
    (door, provider)
}

/// What whoever says to be the provider posts.
fn posting(door: &TestDoor<Deps>, provider: &Provider, token: Option<&str>, body: &str) -> ApiRequest {
    let request = door.anonymous_request().with_path_parameter("provider_id", provider.id.as_str());
    let mut request = request.with_body(body);
    if let Some(token) = token {
        request.headers.insert("x-callback-token", token.parse().unwrap());
    }
    request
}

/// What the provider posts itself.
fn reporting(door: &TestDoor<Deps>, provider: &Provider, body: &Value) -> ApiRequest {
    posting(door, provider, Some(TOKEN), &body.to_string())
}

fn paid() -> Value {
    json!({"event": "qr.payment", "id": "qrpy_1", "amount": 10000, "created": "2026-11-20T07:55:00Z",
        "status": "COMPLETED", "qr_code": {"external_id": "INV0045", "qr_string": "0002"}})
}

#[tokio::test]
async fn a_verified_report_is_queued_before_it_is_acknowledged() {
    let (door, provider) = open().await;
    assert_eq!(door.answer(reporting(&door, &provider, &paid())).await.unwrap().status, 200);
    let [message] = door.stage.transaction_events.take().try_into().unwrap();
    let callback: VerifiedCallback = serde_json::from_str(&message.body).unwrap();
    assert_eq!(callback.merchant_id, door.merchant.id);
    assert_eq!((callback.grade, callback.correlation_id.as_str()), (TrustGrade::Keyed, "req-test"));
    let [report] = callback.reports.try_into().unwrap();
    assert_eq!((report.reference.as_deref(), report.status()), (Some("INV0045"), Some(Status::Paid)));
    assert_eq!(message.correlation_id.as_deref(), Some("req-test"));
    assert_eq!(message.group.as_deref(), Some(provider.id.as_str()));
    assert!(!message.body.contains(TOKEN), "the queue holds no secret");
}

#[tokio::test]
async fn what_the_queue_did_not_take_is_not_acknowledged() {
    let (door, provider) = open().await;
    door.stage.transaction_events.fail_next(1);
    let request = reporting(&door, &provider, &paid());
    assert_eq!(door.refusal(request.clone()).await.status(), 503);
    assert!(door.answer(request).await.is_ok(), "the provider's retry goes through");
}

#[tokio::test]
async fn a_refused_signature_stores_nothing() {
    let (door, provider) = open().await;
    door.answer(reporting(&door, &provider, &paid())).await.unwrap();
    let _ = (door.stage.transaction_events.take(), door.stage.dynamo.take_consumed());
    for token in [None, Some(""), Some("somebody-else"), Some("sample-xendit-callback-tokeN")] {
        let problem = door.refusal(posting(&door, &provider, token, &paid().to_string())).await;
        assert_eq!((problem.status(), problem.code()), (401, "unauthorized"), "{token:?}");
    }
    assert_eq!(door.stage.dynamo.take_consumed(), Consumed::default());
    assert!(door.stage.transaction_events.take().is_empty());
    assert_eq!(door.stage.count("TimelineTable"), 0);
}

#[tokio::test]
async fn unknown_providers_and_texts_that_are_no_id_look_the_same() {
    let (door, provider) = open().await;
    let mut bodies = Vec::new();
    for id in ["prv_00000000000000000000000000", "prv_x", "nonsense"] {
        let request = reporting(&door, &provider, &paid()).with_path_parameter("provider_id", id);
        let problem = door.refusal(request).await;
        assert_eq!(problem.status(), 404);
        bodies.push(problem.to_answer("r").body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_malformed_body_behind_a_good_signature_is_kept_and_refused_by_name() {
    let (door, provider) = open().await;
    let mut body = paid();
    body["amount"] = json!("ten");
    let refused = door.refused_parameter(reporting(&door, &provider, &body)).await;
    assert_eq!(refused, (400, "amount".to_owned()));
    assert!(door.stage.transaction_events.take().is_empty());
    let subject = Subject::unmatched(&provider.id, door.stage.clock().now());
    let [entry] = door.stage.timeline().list(&subject, 10, None).await.unwrap().entries.try_into().unwrap();
    assert_eq!(entry.kind, EntryKind::ProviderMessage);
    assert!(entry.detail["body"].as_str().unwrap().contains("\"ten\""));
}

#[tokio::test]
async fn a_body_beyond_any_callbacks_length_is_413() {
    let (door, provider) = open().await;
    let long = "x".repeat(MAX_CALLBACK_BYTES + 1);
    assert_eq!(door.refusal(posting(&door, &provider, Some(TOKEN), &long)).await.status(), 413);
}

#[tokio::test]
async fn samples_are_answered() {
    let expected = [
        ("xendit-qr-paid", 200),
        ("wrong-token", 401),
        ("no-token", 401),
        ("unknown-provider", 404),
        ("malformed", 400),
        ("not-booked", 200),
    ];
    open().await.0.samples_are_answered(&expected).await;
}
